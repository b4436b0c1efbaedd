#pragma once
// What chairs are put together from: seats, legs, backs and arms in independent styles. Lengths in metres, floor at y = 0, front +Z,
// the seat centred at x = z = 0. Families (families.cpp, swivel_and_sofa.cpp) choose the styles and the proportions.
#include <array>
#include <map>
#include <string>

#include "base/random.h"
#include "shapes/members.h"
#include "shapes/shape.h"

namespace looking3d {

/// Collects parts and gives them their names: the second "leg" is "leg_2".
class ChairBuilder {
 public:
  explicit ChairBuilder(Rng rng) : rng(rng) {}
  void add(const std::string& label, const std::string& group, TriangleMesh mesh);
  Shape finish(const std::string& id, const std::string& family);

  Rng rng;

 private:
  std::map<std::string, int> counts_;
  Shape shape_;
};

/// The seat that the other members refer to: its top plane and outline.
struct SeatPlan {
  double width = 0.45;       ///< at the front
  double back_width = 0.42;  ///< at the rear edge
  double depth = 0.43;
  double top = 0.45;  ///< height of the sitting surface
  double thickness = 0.04;
  bool round = false;

  double bottom() const { return top - thickness; }
  /// Half width of the outline at depth z (front +depth/2).
  double half_width_at(double z) const;
};
enum class SeatStyle { kBoard, kSaddle, kCushion, kRound, kSlatted, kPanelFrame };
void add_seat(ChairBuilder& builder, const SeatPlan& seat, SeatStyle style);
void add_apron(ChairBuilder& builder, const SeatPlan& seat, double height, double inset);
/// A padded block with a crowned top, centred at 0: seat and back cushions, upholstery.
TriangleMesh cushion(const Vector3d& size, double roundness, double crown);

enum class LegStyle { kSquare, kSquareTapered, kRound, kRoundTapered, kTurned, kCurved };
/// One design of leg, used for all legs of a chair.
struct LegPlan {
  LegStyle style = LegStyle::kSquare;
  double thickness = 0.035;
  double taper = 0.6;             ///< foot thickness / top thickness where the style tapers
  double bow = 0.0;               ///< sideways bow of curved legs, share of the height
  std::array<double, 7> beads{};  ///< radii of turned legs along the height
};
LegPlan draw_leg_plan(Rng& rng);
TriangleMesh make_leg(const LegPlan& plan, const Vector3d& top, const Vector3d& foot);

/// Legs given as (top, foot) pairs in order around the chair, and bars between neighbours.
struct LegPlacement {
  std::vector<std::pair<Vector3d, Vector3d>> legs;
  Vector3d at_height(size_t leg, double y) const;
};
LegPlacement corner_legs(const SeatPlan& seat, double inset, double splay_x, double splay_z_front, double splay_z_back);
LegPlacement ring_legs(double top_radius, double foot_radius, double top_y, int count, double phase);
void add_legs(ChairBuilder& builder, const LegPlan& plan, const LegPlacement& placement);
enum class BarStyle { kNone, kBox, kH, kSides, kFrontAndSides, kCross };
void add_leg_bars(ChairBuilder& builder, const LegPlacement& placement, BarStyle style, double thickness, bool round_section);
/// Two closed runner loops of bent tube instead of legs.
void add_sled(ChairBuilder& builder, const SeatPlan& seat, double thickness);

enum class BackStyle { kPanel, kHorizontalSlats, kVerticalSlats, kSpindles, kHoop, kPaddedFrame, kCushion, kBarrel, kCrossFrame, kLowRail };
struct BackPlan {
  BackStyle style = BackStyle::kPanel;
  double width = 0.42, height = 0.45;
  double recline_rad = 0.15;
  double thickness = 0.022;
  double curve = 0.03;  ///< how far the sides come forward
  int count = 4;        ///< slats or spindles
  double post = 0.03;
  bool asymmetric = false;  ///< one slat or spindle set apart: odd but normal
};
BackPlan draw_back_plan(Rng& rng, const SeatPlan& seat);
void add_back(ChairBuilder& builder, const SeatPlan& seat, const BackPlan& plan);
/// World position of a point of the back given in its own frame (x across, y up from the seat, z forward).
Vector3d on_back(const SeatPlan& seat, const BackPlan& plan, const Vector3d& x_in_back);

enum class ArmStyle { kPost, kLoop, kPanel, kPadded, kTwoPosts };
struct ArmPlan {
  ArmStyle style = ArmStyle::kPost;
  double height = 0.2;  ///< of the arm rest above the seat
  double thickness = 0.03;
  double width = 0.05;
  bool left = true, right = true;
};
ArmPlan draw_arm_plan(Rng& rng);
void add_arms(ChairBuilder& builder, const SeatPlan& seat, const BackPlan& back, const ArmPlan& plan);

// The families. Each adds all parts of one design.
void build_four_legged(ChairBuilder& builder, bool arms);
void build_stool(ChairBuilder& builder);
void build_bench(ChairBuilder& builder);
void build_lounge(ChairBuilder& builder);
void build_swivel(ChairBuilder& builder);
void build_sofa(ChairBuilder& builder);

}  // namespace looking3d
