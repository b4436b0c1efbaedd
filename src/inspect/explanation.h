#pragma once
// A verdict in one sentence.
#include <string>

#include "looking3d/looking3d.h"

namespace looking3d {

/// "Deviates (p = 0.97): part leg_2 turned 14 +- 3 deg, moved 4 +- 1 % of the height." / "...: part leg_2 is missing: 93 % of its visible
/// area is gone." / "...: something covers part seat." / "Matches its reference (p of a deviation = 0.03). Hidden from this side, so not
/// judged: leg_1; look from azimuth 205, elevation 30." / "Cannot judge: ...". Only what stands out from its own uncertainty is said of a
/// motion.
std::string explain(const Inspection& inspection);

/// The most suspect part, or nullptr when none stands out.
const PartEvidence* main_suspect(const Inspection& inspection);

}  // namespace looking3d
