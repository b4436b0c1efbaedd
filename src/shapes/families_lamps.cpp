// Lamps: on tables and floors, with jointed arms, bent over in an arc, on tripods, hanging from a stand.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "shapes/furniture_parts.h"
#include "shapes/solids.h"

namespace looking3d {
namespace {

constexpr double kPi = std::numbers::pi;

/// A shade about +Y: half profile of its middle surface from its lower to its upper rim, y from 0 to `height`.
struct Shade {
  std::vector<Vector2d> profile;
  double height = 0.2, wall = 0.006;
  int sides = 48, pleats = 0;

  double radius_at(double y) const {
    size_t i = 1;
    while (i + 1 < profile.size() && profile[i].y() < y) ++i;
    const double t = std::clamp((y - profile[i - 1].y()) / std::max(1e-9, profile[i].y() - profile[i - 1].y()), 0.0, 1.0);
    return profile[i - 1].x() + t * (profile[i].x() - profile[i - 1].x());
  }
};

/// `rim` is its largest radius; `narrow` shades have a small upper opening, as of lamps that shine down.
Shade draw_shade(Rng& rng, double rim, bool narrow) {
  Shade shade;
  const double weights[] = {narrow ? 0.3 : 3.0, 3, 2, narrow ? 2 : 0.8, narrow ? 1.5 : 0.6, narrow ? 0.2 : 1.0};
  const size_t kind = rng.pick(weights);
  const double top = narrow ? rim * rng.uniform(0.14, 0.3) : rim * rng.uniform(0.35, 0.85);
  shade.height = rim * (narrow ? rng.uniform(0.6, 1.4) : rng.uniform(0.8, 1.7));
  for (int i = 0; i <= 14; ++i) {
    const double s = i / 14.0;
    double r = rim;
    if (kind == 0) r = rim * (1 - 0.06 * s);                                                             // a drum
    if (kind == 1) r = rim + (top - rim) * s;                                                            // a cone
    if (kind == 2) r = top + (rim - top) * std::pow(1 - s, 2.0);                                         // an empire, flaring
    if (kind == 3) r = top + (rim - top) * std::sqrt(std::max(0.0, 1 - s * s));                          // a dome
    if (kind == 4) r = top + (rim - top) * (s < 0.5 ? 1 - 0.15 * s : 0.925 * std::pow(2 - 2 * s, 0.7));  // a bell
    if (kind == 5) r = rim * std::sqrt(std::max(0.16, 1 - std::pow(2 * s - 1, 2) * 0.86));               // a lantern
    shade.profile.emplace_back(r, s * shade.height);
  }
  if (kind <= 1 && rng.bernoulli(0.3)) shade.sides = rng.uniform_int(4, 8);
  if (kind <= 2 && shade.sides == 48 && rng.bernoulli(0.25)) shade.pleats = rng.uniform_int(14, 24);
  return shade;
}

TriangleMesh shade_mesh(const Shade& shade) {
  std::vector<Vector2d> loop;
  for (const Vector2d& p : shade.profile) loop.emplace_back(p.x() + shade.wall / 2, p.y());
  for (auto p = shade.profile.rbegin(); p != shade.profile.rend(); ++p) loop.emplace_back(p->x() - shade.wall / 2, p->y());
  const int sides = shade.pleats > 0 ? 6 * shade.pleats : shade.sides;
  return deformed(lathe_loop(loop, sides), [&](const Vector3d& p) {
    if (shade.pleats == 0) return p;
    const double s = 1 + 0.025 * std::cos(shade.pleats * std::atan2(p.z(), p.x()));
    return Vector3d(p.x() * s, p.y(), p.z() * s);
  });
}

/// Wires from the middle to the shade's wall at height y.
TriangleMesh spider(const Shade& shade, double y) {
  const double inner = shade.sides < 12 ? std::cos(kPi / shade.sides) : 1, r = shade.radius_at(y) * inner;
  TriangleMesh mesh = moved(lathe({{0.012, -0.006}, {0.014, 0}, {0.012, 0.006}}, 16), {0, y, 0});
  for (int i = 0; i < 3; ++i) {
    const double angle = shade.sides < 12 ? 2 * kPi * (i * shade.sides / 3 + 0.5) / shade.sides : 2 * kPi * i / 3 + 0.4;
    append(mesh, sweep({{0, y, 0}, {r * std::cos(angle), y, -r * std::sin(angle)}}, circle_section(0.0032, 8), Vector3d::UnitY()));
  }
  return mesh;
}

TriangleMesh bulb(double size) {
  return lathe({{0.013 * size, -0.004},
                {0.014 * size, 0.012 * size},
                {0.02 * size, 0.03 * size},
                {0.03 * size, 0.052 * size},
                {0.031 * size, 0.066 * size},
                {0.024 * size, 0.085 * size},
                {0.008 * size, 0.095 * size}},
               24);
}

/// A shade with spider, socket and bulb around the rod that ends at `top` (shade upright, light to all sides).
void add_open_shade(ChairBuilder& builder, const Vector3d& top, const Shade& shade, Rng& rng) {
  const double at = shade.height * rng.uniform(0.18, 0.4);  // height of the spider in the shade
  const Vector3d origin = top - Vector3d(0, at, 0);
  builder.add("shade", "shade", moved(shade_mesh(shade), origin));
  builder.add("spider", "spider_wire", moved(spider(shade, at), origin));
  builder.add("socket", "socket", moved(lathe({{0.017, -0.035}, {0.019, -0.03}, {0.019, 0.02}, {0.016, 0.026}}, 20), top));
  builder.add("bulb", "bulb", moved(bulb(std::clamp(shade.height / 0.22, 0.8, 1.5)), top + Vector3d(0, 0.022, 0)));
}

/// What stands on the floor; returns the height at which a rod may start.
double add_foot(ChairBuilder& builder, double reach, Rng& rng, bool tripod_allowed) {
  const double weights[] = {3, 1.2, 1, tripod_allowed ? 1.0 : 0, 0.7};
  const double edge = rng.uniform(0.008, 0.03);
  switch (rng.pick(weights)) {
    case 0: {
      const double rise = rng.uniform(0, 0.5) * reach;
      std::vector<Vector2d> profile{{reach * 0.97, 0}, {reach, edge * 0.3}, {reach, edge}};
      for (const double s : {0.9, 0.7, 0.5, 0.3, 0.14}) profile.emplace_back(reach * s, edge + 0.002 + rise * std::pow(1 - s, 2.2));
      builder.add("base", "disc", lathe(profile, 40));
      return edge;
    }
    case 1: {
      const double deep = reach * rng.uniform(0.6, 1);
      builder.add("base", "plate", board_between({-reach, 0, -deep}, {reach, edge, deep}, 0.004));
      return edge - 0.004;
    }
    case 2: {  // steps
      std::vector<Vector2d> profile;
      double y = 0, r = reach;
      for (int i = 0; i < 3; ++i) profile.emplace_back(r, y), y += edge * 0.9, profile.emplace_back(r * 0.98, y), r *= 0.72;
      builder.add("base", "disc", lathe(profile, 40));
      return y - 0.004;
    }
    case 3: {  // bent legs
      const int count = rng.uniform_int(3, 4);
      const double hub = reach * rng.uniform(0.5, 0.9), r = std::max(0.006, reach * 0.045);
      for (int i = 0; i < count; ++i) {
        const Vector3d out(std::sin(2 * kPi * i / count), 0, std::cos(2 * kPi * i / count));
        TriangleMesh leg = sweep(spline({Vector3d(0, hub, 0), out * reach * 0.6 + Vector3d(0, hub * 0.75, 0), out * reach * 1.1}, 8),
                                 circle_section(r, 10), Vector3d::UnitY());
        for (auto& v : leg.vertices) v.y() = std::max(v.y(), 0.0f);
        builder.add("leg", "leg_tube", leg);
      }
      builder.add("base", "hub", moved(lathe({{r * 1.6, -r * 2}, {r * 2.2, 0}, {r * 1.6, r * 2.5}}, 20), {0, hub, 0}));
      return hub;
    }
    default:  // a block
      builder.add("base", "block",
                  board_between({-reach * 0.7, 0, -reach * 0.7}, {reach * 0.7, reach * rng.uniform(0.4, 0.9), reach * 0.7}, 0.008));
      return edge;
  }
}

/// The body of a table lamp: vases, gourds, stacks of balls, columns, blocks.
void add_body(ChairBuilder& builder, double low, double high, double radius, Rng& rng) {
  const double h = high - low;
  const int kind = rng.uniform_int(0, 5);
  if (kind == 4) {  // stacked pieces
    const int count = rng.uniform_int(2, 4);
    for (int i = 0; i < count; ++i) {
      const double r = radius * rng.uniform(0.5, 1), unit = h / count, y = low + unit * i;
      std::vector<Vector2d> profile;
      const bool ball = rng.bernoulli(0.6);
      for (int k = 0; k <= 10; ++k) {
        const double s = k / 10.0;
        profile.emplace_back(std::max(radius * 0.15, r * (ball ? std::sqrt(std::max(0.0, 1 - std::pow(2 * s - 1, 2))) : 0.8)),
                             y + (unit + 0.006) * s - 0.003);
      }
      builder.add("body", "bead", lathe(profile, 28));
    }
    return;
  }
  if (kind == 5) {
    const double w = radius * rng.uniform(0.5, 0.9), twist = rng.bernoulli(0.5) ? rng.uniform(-1.5, 1.5) : 0, taper = rng.uniform(0.6, 1.2);
    RoundedBoxOptions box{.radius = 0.006};
    box.divisions[1] = 16;
    builder.add("body", "body",
                deformed(moved(rounded_box({2 * w, h + 0.006, 2 * w}, box), {0, (low + high) / 2, 0}), [&](const Vector3d& p) {
                  const double s = (p.y() - low) / h;
                  return Eigen::AngleAxisd(twist * s, Vector3d::UnitY()) *
                         Vector3d(p.x() * (1 + s * (taper - 1)), p.y(), p.z() * (1 + s * (taper - 1)));
                }));
    return;
  }
  std::vector<Vector2d> profile;
  const double belly = rng.uniform(0.25, 0.7), neck = rng.uniform(0.14, 0.3);
  const bool fluted = rng.bernoulli(0.25);
  const int flutes = rng.uniform_int(8, 16);
  for (int i = 0; i <= 24; ++i) {
    const double s = i / 24.0;
    double r = 1;
    if (kind == 0) r = neck + (1 - neck) * std::exp(-std::pow((s - belly) / 0.24, 2)) + 0.25 * std::exp(-s * 12);
    if (kind == 1) r = std::max(neck, std::sqrt(std::max(0.0, 1 - std::pow(2 * s - 1, 2))));
    if (kind == 2) r = 0.45 * (1 + 0.3 * std::cos(2 * kPi * s)) + 0.1 * (std::fmod(s * 6, 1) > 0.8);
    if (kind == 3) r = neck + (0.75 - neck) * std::exp(-std::pow((s - 0.22) / 0.16, 2)) + 0.45 * std::exp(-std::pow((s - 0.68) / 0.13, 2));
    profile.emplace_back(radius * r, low - 0.003 + s * (h + 0.006));
  }
  builder.add("body", "body", deformed(lathe(profile, fluted ? 6 * flutes : 32), [&](const Vector3d& p) {
                const double k = fluted ? 1 + 0.04 * std::cos(flutes * std::atan2(p.z(), p.x())) : 1;
                return Vector3d(p.x() * k, p.y(), p.z() * k);
              }));
}

TriangleMesh rod(const std::vector<Vector3d>& path, double radius) {
  return sweep(path, circle_section(radius, 12), Vector3d::UnitZ());
}

void build_table_lamp(ChairBuilder& builder) {
  Rng& rng = builder.rng;
  const double height = rng.uniform(0.34, 0.62), rim = rng.uniform(0.12, 0.22);
  Shade shade = draw_shade(rng, rim, false);
  const double squat = std::min(1.0, height * 0.48 / shade.height);  // the body shows below it
  shade.height *= squat;
  for (Vector2d& p : shade.profile) p.y() *= squat;
  const double stem = height - shade.height * 0.5, base = add_foot(builder, rim * rng.uniform(0.5, 0.75), rng, true);
  const double body_top = stem - rng.uniform(0.04, 0.1);
  if (body_top - base > 0.08 && rng.bernoulli(0.8)) add_body(builder, base, body_top, rim * rng.uniform(0.35, 0.65), rng);
  builder.add("stem", "tube", rod({{0, base, 0}, {0, stem, 0}}, rng.uniform(0.007, 0.012)));
  add_open_shade(builder, {0, stem, 0}, shade, rng);
  if (rng.bernoulli(0.3))  // a finial on a rod
    builder.add("finial", "finial",
                moved(lathe({{0.004, 0},
                             {0.004, shade.height * 0.62},
                             {0.012, shade.height * 0.62 + 0.008},
                             {0.012, shade.height * 0.62 + 0.02},
                             {0.004, shade.height * 0.62 + 0.03}},
                            14),
                      {0, stem + 0.08, 0}));
}

void build_floor_lamp(ChairBuilder& builder) {
  Rng& rng = builder.rng;
  const double height = rng.uniform(1.1, 1.6), rim = rng.uniform(0.16, 0.3), r = rng.uniform(0.012, 0.02);
  const Shade shade = draw_shade(rng, rim, false);
  const double stem = height - shade.height * 0.5;
  if (rng.bernoulli(0.35)) {  // three or four straight legs that meet below the shade
    const int count = rng.uniform_int(3, 4);
    const double hub = stem - rng.uniform(0.06, 0.16), reach = rng.uniform(0.2, 0.32), thick = r * rng.uniform(1, 1.7);
    for (int i = 0; i < count; ++i) {
      const Vector3d out(std::sin(2 * kPi * i / count), 0, std::cos(2 * kPi * i / count));
      TriangleMesh leg = sweep(straight(out * thick + Vector3d(0, hub, 0), out * reach + Vector3d(0, -thick * 0.3, 0), 4),
                               circle_section(thick, 14), Vector3d::UnitX(), tapered_to(0.7));
      for (auto& v : leg.vertices) v.y() = std::max(v.y(), 0.0f);
      builder.add("leg", "leg", leg);
    }
    builder.add("base", "hub", moved(lathe({{thick * 1.5, -0.05}, {thick * 2.4, -0.03}, {thick * 2.4, 0.02}, {r, 0.04}}, 24), {0, hub, 0}));
    if (rng.bernoulli(0.5)) {
      const double y = hub * rng.uniform(0.3, 0.5), ring = reach + (thick - reach) * y / hub;
      builder.add("shelf", "tray_disc", moved(lathe({{ring * 1.02, 0}, {ring * 1.04, 0.008}, {ring * 1.02, 0.016}}, 40), {0, y, 0}));
    }
    builder.add("stem", "tube", rod({{0, hub, 0}, {0, stem, 0}}, r));
  } else {
    const double base = add_foot(builder, rng.uniform(0.13, 0.2), rng, true);
    builder.add("stem", "tube", rod({{0, base, 0}, {0, stem, 0}}, r));
    if (rng.bernoulli(0.35))
      builder.add("body", "sleeve",
                  moved(lathe({{r * 1.2, 0}, {r * 2, 0.01}, {r * 2.2, 0.12}, {r * 1.2, 0.14}}, 20),
                        {0, base + (stem - base) * rng.uniform(0.2, 0.6), 0}));
    if (rng.bernoulli(0.2)) {
      const double y = stem * rng.uniform(0.35, 0.45), reach = rng.uniform(0.14, 0.2);
      builder.add("shelf", "tray_disc", moved(lathe({{reach, 0}, {reach * 1.02, 0.008}, {reach, 0.016}}, 40), {0, y, 0}));
    }
  }
  add_open_shade(builder, {0, stem, 0}, shade, rng);
}

/// A head that shines along -Y of its own frame and is held at its origin.
void add_head(ChairBuilder& builder, const Vector3d& at, const Vector3d& up, double rim, Rng& rng) {
  Shade shade = draw_shade(rng, rim, true);
  shade.sides = 40, shade.pleats = 0;
  const double top = shade.height;
  builder.add("shade", "shade_head", placed(moved(shade_mesh(shade), {0, -top, 0}), at, up));
  const double neck = shade.profile.back().x();
  builder.add("socket", "socket",
              placed(lathe({{neck * 0.8, -0.03}, {neck + 0.002, -0.026}, {neck + 0.004, 0.012}, {neck * 0.6, 0.03}}, 24), at, up));
  builder.add("bulb", "bulb",
              placed(moved(turned(bulb(std::min(rim / 0.085, neck / 0.02)), kPi, Vector3d::UnitX()), {0, -0.024, 0}), at, up));
}

void build_arm_lamp(ChairBuilder& builder) {
  Rng& rng = builder.rng;
  const bool tall = rng.bernoulli(0.3);
  const double base = add_foot(builder, tall ? 0.16 : rng.uniform(0.085, 0.12), rng, false), r = tall ? 0.01 : rng.uniform(0.006, 0.009);
  const double post = base + (tall ? rng.uniform(0.7, 1.0) : rng.uniform(0.03, 0.12));
  builder.add("stem", "column_tube", rod({{0, base - 0.002, 0}, {0, post, 0}}, r * 1.5));
  // Arms in the plane x = 0, or turned about the post.
  const int count = tall ? rng.uniform_int(1, 2) : rng.uniform_int(1, 3);
  const double heading = rng.uniform(-0.9, 0.9);
  double angle = rng.uniform(0.2, 0.7) * (rng.bernoulli(0.8) && count > 1 ? -1 : 1);  // from the vertical; negative leans back
  Vector3d at(0, post, 0);
  const Eigen::AngleAxisd about(heading, Vector3d::UnitY());
  const Vector3d side = about * Vector3d::UnitX();
  const bool twin = rng.bernoulli(0.4);
  const auto joint = [&](const Vector3d& x, double size) {
    builder.add("joint", "joint_disc",
                placed(moved(lathe({{size * 0.85, -size * 0.9}, {size, -size * 0.7}, {size, size * 0.7}, {size * 0.85, size * 0.9}}, 20),
                             {0, 0, 0}),
                       x, side));
  };
  const double pin = twin ? r * 3.2 : r * 2.2;
  joint(at, pin);
  for (int i = 0; i < count; ++i) {
    const double length = (tall ? rng.uniform(0.3, 0.5) : rng.uniform(0.18, 0.34));
    const Vector3d along = about * Vector3d(0, std::cos(angle), std::sin(angle)), next = at + along * length, across = along.cross(side);
    for (const double s : twin ? std::vector<double>{-1, 1} : std::vector<double>{0})
      builder.add("arm", "arm_tube", rod({at + across * s * r * 2, next + across * s * r * 2}, twin ? r * 0.7 : r));
    if (!twin && rng.bernoulli(0.35)) {  // a spring beside the arm
      std::vector<Vector3d> coil;
      const double from = 0.12, to = 0.5;
      for (int k = 0; k <= 96; ++k) {
        const double a = 2 * kPi * k / 10, s = from + (to - from) * k / 96;
        coil.push_back(at + along * length * s + (side * std::sin(a) + across * std::cos(a)) * r * 1.7);
      }
      builder.add("spring", "spring_wire", sweep(coil, circle_section(r * 0.75, 6), Vector3d::UnitY()));
    }
    at = next;
    joint(at, pin);
    angle += i + 1 < count ? rng.uniform(0.8, 1.5) : 0;
  }
  const double tilt = rng.uniform(0.1, 0.9);
  const Vector3d up = about * Vector3d(0, std::cos(tilt), -std::sin(tilt));
  add_head(builder, at - up * 0.012, up, tall ? rng.uniform(0.08, 0.13) : rng.uniform(0.06, 0.095), rng);
}

/// A rod that bends over and carries a shade that hangs.
void build_arc_lamp(ChairBuilder& builder) {
  Rng& rng = builder.rng;
  const double height = rng.uniform(0.9, 1.5), reach = rng.uniform(0.35, 0.75) * height, r = rng.uniform(0.01, 0.015),
               rim = rng.uniform(0.1, 0.17);
  const double base = add_foot(builder, rng.uniform(0.14, 0.2), rng, false);
  const bool square = rng.bernoulli(0.4);
  const Vector3d end(0, height * rng.uniform(0.78, 0.9), reach);
  std::vector<Vector3d> path;
  if (square) {
    path = rounded_path({{0, base, 0}, {0, height, 0}, {0, height, reach}, end}, 0.06, false, 8);
  } else {
    path = spline({{0, base, 0}, {0, height * 0.6, 0.02}, {0, height, reach * 0.5}, end}, 10);
  }
  builder.add("stem", "tube", sweep(path, circle_section(r, 12), Vector3d::UnitX()));
  const double drop = rng.uniform(0.02, 0.14);
  builder.add("cord", "cord", rod({end + Vector3d(0, 0.01, 0), end - Vector3d(0, drop, 0)}, 0.004));
  add_head(builder, end - Vector3d(0, drop, 0), Vector3d::UnitY(), rim, rng);
  if (rng.bernoulli(0.3))
    builder.add("joint", "joint_disc", moved(lathe({{r * 1.3, -0.03}, {r * 1.7, -0.025}, {r * 1.7, 0.025}, {r * 1.3, 0.03}}, 20), path[2]));
}

/// Several shades on branches of one post.
void build_branched_lamp(ChairBuilder& builder) {
  Rng& rng = builder.rng;
  const double height = rng.uniform(0.5, 1.4), r = height > 0.9 ? 0.013 : 0.009, rim = rng.uniform(0.06, 0.09) * std::max(1.0, height);
  const double base = add_foot(builder, 0.1 + 0.07 * height, rng, true);
  builder.add("stem", "tube", rod({{0, base, 0}, {0, height, 0}}, r));
  const int count = rng.uniform_int(2, 5);
  const bool down = rng.bernoulli(0.4);
  Rng shades = rng.fork("shades");
  for (int i = 0; i < count; ++i) {
    const double angle = 2 * kPi * i / count + 0.3, reach = rim * 2.2,
                 y = height * 0.93 - (rng.bernoulli(0.3) ? 0.1 * i / count * height : 0);
    const Vector3d out(std::sin(angle), 0, std::cos(angle)), tip = out * reach + Vector3d(0, y + (down ? -0.02 : 0.05) * height, 0);
    builder.add("arm", "arm_tube",
                sweep(spline({Vector3d(0, y, 0), out * reach * 0.5 + Vector3d(0, y + (down ? 0.05 : -0.03) * height, 0), tip}, 8),
                      circle_section(r * 0.7, 10), Vector3d::UnitY()));
    Rng same = shades;  // all alike
    if (down) {
      add_head(builder, tip - Vector3d(0, 0.006, 0), Vector3d::UnitY(), rim, same);
    } else {
      add_open_shade(builder, tip, draw_shade(same, rim, false), same);
    }
  }
  builder.add("finial", "finial",
              moved(lathe({{r * 1.1, -0.02}, {r * 2, 0}, {r * 2.2, 0.012}, {r * 1.4, 0.03}, {r * 0.3, 0.04}}, 18), {0, height, 0}));
}

}  // namespace

void build_lamp(ChairBuilder& builder) {
  const double weights[] = {3, 2, 3, 1.2, 1};
  switch (builder.rng.pick(weights)) {
    case 0:
      return build_table_lamp(builder);
    case 1:
      return build_floor_lamp(builder);
    case 2:
      return build_arm_lamp(builder);
    case 3:
      return build_arc_lamp(builder);
    default:
      return build_branched_lamp(builder);
  }
}

}  // namespace looking3d
