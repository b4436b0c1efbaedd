#pragma once
// Upholstered bodies: the base, arms, back and feet of sofas, club and wing chairs. Lengths in metres, as in chair_parts.h.
#include "shapes/chair_parts.h"

namespace looking3d {

enum class SofaArm { kTrack, kPillow, kRolled, kSloped, kFlared, kSlim, kOpen, kNone };
enum class SofaBack { kTight, kLoose, kCamel, kTufted, kCurved };
/// The measures that all members of an upholstered body share.
struct BodyPlan {
  int seats = 1;
  double inner = 0.55;  ///< between the arms
  double depth = 0.6;   ///< of the seat
  double legs = 0.12;   ///< height of the base's underside
  double base = 0.14;   ///< height of the base
  double cushion = 0.14;
  double back_height = 0.4;  ///< above the cushion
  double back_depth = 0.12;
  double recline_rad = 0.12;
  double arm_width = 0.14, arm_height = 0.16;  ///< height above the cushion
  SofaArm arm = SofaArm::kTrack;
  SofaBack back = SofaBack::kTight;
  bool feet_below_arms = true;  ///< else below the seat
  PadOptions padding;           ///< of the loose cushions
  PadOptions covering;          ///< of the body

  double base_top() const { return legs + base; }
  double sit() const { return base_top() + cushion; }
  double arm_top() const { return sit() + arm_height; }
};
BodyPlan draw_body_plan(Rng& rng, int seats);
void add_body_seat(ChairBuilder& builder, const BodyPlan& body);
void add_body_back(ChairBuilder& builder, const BodyPlan& body);
/// side -1 or 1.
void add_body_arm(ChairBuilder& builder, const BodyPlan& body, double side);
void add_body_feet(ChairBuilder& builder, const BodyPlan& body);

}  // namespace looking3d
