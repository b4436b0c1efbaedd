#pragma once
// What chairs are put together from: seats, legs, bases, backs and arms in independent styles. Lengths in metres, floor at y = 0, front +Z,
// the seat centred at x = z = 0. The families (families_*.cpp) choose styles that go together and their proportions.
#include <algorithm>
#include <array>
#include <map>
#include <string>

#include "base/random.h"
#include "shapes/members.h"
#include "shapes/shape.h"

namespace looking3d {

/// How deep neighbouring members reach into each other.
inline constexpr double kOverlap = 0.006;

/// Collects parts and gives them their names: the second "leg" is "leg_2".
class ChairBuilder {
 public:
  explicit ChairBuilder(Rng rng) : rng(rng) {}
  void add(const std::string& label, const std::string& group, TriangleMesh mesh);
  /// What members made for seats are called in another piece of furniture: each label `from` becomes `to`.
  void relabel(const std::string& from, const std::string& to);
  Shape finish(const std::string& id, const std::string& family);

  Rng rng;

 private:
  std::map<std::string, int> counts_;
  Shape shape_;
};

// ---- Seats (seats.cpp)

/// The seat that the other members refer to: its top plane and outline.
struct SeatPlan {
  double width = 0.45;       ///< at the front
  double back_width = 0.42;  ///< at the rear edge
  double depth = 0.43;
  double top = 0.45;  ///< height of the sitting surface
  double thickness = 0.04;
  double front = 12, rear = 14;  ///< exponents of the outline, see superellipse()
  bool open = false;             ///< slats, straps or rails below a panel: little to fasten things to but its edge

  bool soft = false;  ///< a cushion: an upholstered back may rise from it
  double skin = 1;    ///< thickness of the sheet that is its underside, where it is one

  double bottom() const { return top - thickness; }
  /// How far a base reaches into it from below.
  double grip() const { return std::min({0.012, thickness / 2, skin / 2}); }
  /// Takes a point of the rectangle width x depth to the seat's outline.
  Vector2d shaped(double x, double z) const;
  /// Half width of the outline at depth z (front +depth/2).
  double half_width_at(double z) const;
  /// The corner on this side (signs of x and z), `inset` from the edges, at height y.
  Vector3d corner(double side_x, double side_z, double inset, double y) const;
  /// Outline seen from the middle at this angle: 0 is the front, pi/2 the +X side.
  Vector2d outline(double angle) const;
};
enum class SeatStyle { kBoard, kSaddle, kCushion, kDropIn, kSlatted, kWoven, kPly };
/// Outline and proportions of an ordinary seat; round and D-shaped ones included.
SeatPlan draw_seat_plan(Rng& rng);
/// Also sets the thickness that this style needs, so it comes before everything that refers to the seat.
void set_thickness(SeatPlan& seat, SeatStyle style, Rng& rng);
void add_seat(ChairBuilder& builder, const SeatPlan& seat, SeatStyle style);
/// Four rails below the seat's edge.
void add_apron(ChairBuilder& builder, const SeatPlan& seat, double height, double inset);
/// How this upholsterer pads: edges, piping, buttons, channels. One draw serves all pads of a piece.
PadOptions draw_padding(Rng& rng);

// ---- Legs (legs.cpp)

enum class LegStyle { kSquare, kSquareTapered, kRound, kRoundTapered, kTurned, kSabre, kCabriole, kBlade, kHairpin };
/// One design of leg.
struct LegPlan {
  LegStyle style = LegStyle::kSquare;
  double thickness = 0.035;
  double taper = 0.6;                  ///< foot thickness / top thickness where the style tapers
  double bow = 0.0;                    ///< sideways bow of curved legs, share of the height
  std::vector<Vector2d> turning = {};  ///< (s, factor of the radius) of turned legs from top (0) to foot (1)
  bool metal = false;
};
LegPlan draw_leg_plan(Rng& rng);
/// Legs short enough for sofas and lounge chairs.
LegPlan draw_foot_plan(Rng& rng);

/// Centre lines of the legs, from the top to the floor, in order around the chair.
struct LegPlacement {
  std::vector<std::vector<Vector3d>> paths;
  Vector3d top(size_t leg) const { return paths[leg].front(); }
  Vector3d at_height(size_t leg, double y) const;
};
struct Splay {
  double x = 0, front = 0, rear = 0;  ///< how far the feet stand outside the tops, metres
};
/// Front right, front left, rear left, rear right; inset from the seat's corners.
LegPlacement corner_legs(const SeatPlan& seat, const LegPlan& front, const LegPlan& rear, double inset, const Splay& splay);
LegPlacement ring_legs(const LegPlan& plan, double top_radius, double foot_radius, double top_y, int count, double phase);
/// `rear` is the design of the legs behind the middle.
void add_legs(ChairBuilder& builder, const LegPlan& front, const LegPlan& rear, const LegPlacement& placement);
enum class BarStyle { kNone, kBox, kH, kSides, kFrontAndSides, kCross, kDoubleSides };
BarStyle draw_bars(Rng& rng);
void add_leg_bars(ChairBuilder& builder, const LegPlacement& placement, BarStyle style, double thickness, bool round_section);
void add_foot_ring(ChairBuilder& builder, double radius, double y, double thickness);

// ---- Bases other than legs (bases.cpp)

/// Tube or flat bar bent into a closed runner on each side, or one that runs around at the back.
void add_sled(ChairBuilder& builder, const SeatPlan& seat, double thickness);
/// Panels instead of legs: two sides, with a stretcher between.
void add_panel_sides(ChairBuilder& builder, const SeatPlan& seat, double thickness);
/// Two trestles: posts on feet below the sides.
void add_trestles(ChairBuilder& builder, const SeatPlan& seat);
/// Column on a star with casters or glides, a disc, a trumpet or a wooden cross. Ends inside the seat's underside.
void add_pedestal(ChairBuilder& builder, const SeatPlan& seat, bool office);
/// Rods that meet below the middle of the seat, tied by crossing ones: for shells.
void add_rod_base(ChairBuilder& builder, const SeatPlan& seat);

// ---- Backs (backs.cpp, back_infill.cpp)

enum class BackStyle { kFramed, kHoop, kPly, kPadded, kUpholstered, kBarrel };
enum class Crest { kStraight, kArched, kYoke, kScrolled, kTube, kDeep, kSlanted };
enum class Infill { kLadder, kVerticalSlats, kSpindles, kFan, kSplat, kCross, kLattice, kPad, kDiagonal, kRails, kCane };
struct BackPlan {
  BackStyle style = BackStyle::kFramed;
  Crest crest = Crest::kStraight;
  Infill infill = Infill::kLadder;
  double width = 0.42, height = 0.45;  ///< width between the outer sides of the posts, at the seat
  double foot_z = -0.2;                ///< where its middle line enters the seat
  double recline_rad = 0.15;           ///< at the seat
  double bend_rad = 0.1;               ///< how much more it leans at the top
  double thickness = 0.022;
  double curve = 0.03;  ///< how far the sides come forward
  double flare = 0.05;  ///< how much wider (or narrower, < 0) it is at the top, share
  int count = 4;        ///< slats, spindles or openings
  double post = 0.03;
  bool round_posts = false;
  bool asymmetric = false;  ///< one member set apart or left out: odd but normal
};
BackPlan draw_back_plan(Rng& rng, const SeatPlan& seat);
/// World position of a point of the flat back (x across, y up from the seat, z forward) on the bent and leaning one.
Vector3d on_back(const SeatPlan& seat, const BackPlan& plan, const Vector3d& x_in_flat);
TriangleMesh on_back(const SeatPlan& seat, const BackPlan& plan, const TriangleMesh& flat);
void add_back(ChairBuilder& builder, const SeatPlan& seat, const BackPlan& plan, const PadOptions& padding);
/// What fills the opening of a back, between middle lines: |x| <= side(y), low <= y <= top(x), all in the flat back.
struct Opening {
  double low = 0.1;
  std::function<double(double)> side, top;
};
void add_infill(ChairBuilder& builder, const SeatPlan& seat, const BackPlan& plan, const Opening& opening, const PadOptions& padding);
/// Half of the distance between the sides' middle lines at height y in the flat back, where an arm may join; 0 where it may not.
double side_of_back(const BackPlan& plan, double y);
void add_headrest(ChairBuilder& builder, const SeatPlan& seat, const BackPlan& plan, const PadOptions& padding);

// ---- Arms (arms.cpp)

enum class ArmStyle { kPost, kTwoPosts, kLoop, kPanel, kPadded, kScroll, kTee, kSpindled };
struct ArmPlan {
  ArmStyle style = ArmStyle::kPost;
  double height = 0.2;  ///< of the arm rest above the seat
  double thickness = 0.03;
  double width = 0.05;
  bool left = true, right = true;
};
ArmPlan draw_arm_plan(Rng& rng);
void add_arms(ChairBuilder& builder, const SeatPlan& seat, const BackPlan& back, const ArmPlan& plan);

// ---- One-piece shells (shells.cpp)

/// A moulded seat and back in one sheet, whose underside carries a base at seat.bottom().
void add_shell(ChairBuilder& builder, SeatPlan& seat, bool tub);

// ---- The families. Each adds all parts of one design.
void build_chair(ChairBuilder& builder);
void build_armchair(ChairBuilder& builder);
void build_stool(ChairBuilder& builder);
void build_bar_stool(ChairBuilder& builder);
void build_bench(ChairBuilder& builder);
void build_lounge(ChairBuilder& builder);
void build_swivel(ChairBuilder& builder);
void build_sofa(ChairBuilder& builder);
void build_wing(ChairBuilder& builder);
void build_folding(ChairBuilder& builder);
void build_cantilever(ChairBuilder& builder);
void build_rocking(ChairBuilder& builder);

}  // namespace looking3d
