// A part left out.
#include "anomalies/injection.h"

namespace looking3d {

InjectionOutcome remove_part(Injection& injection) {
  if (injection.normal.parts.size() < 2) return AnomalyRefusal::kOnlyPart;
  double whole = 0;
  for (const Part& part : injection.normal.parts) whole += surface_area(part.mesh);
  const double share = surface_area(injection.target().mesh) / whole;
  Anomaly anomaly{AnomalyKind::kMissing,     injection.normal, injection.target().name, injection.target().label, share,
                  {{"share_of_area", share}}};
  anomaly.shape.parts.erase(anomaly.shape.parts.begin() + injection.part);
  return anomaly;
}

}  // namespace looking3d
