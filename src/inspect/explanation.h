#pragma once
// A verdict in one sentence.
#include <string>

#include "looking3d/looking3d.h"

namespace looking3d {

/// "Deviates (p = 0.97): something is missing at part leg_2." / "Matches its reference (p of a deviation 0.03)." / "Cannot judge: ...".
std::string explain(const Inspection& inspection);

/// The part that carries most evidence, or nullptr when none stands out.
const PartEvidence* main_suspect(const Inspection& inspection);

}  // namespace looking3d
