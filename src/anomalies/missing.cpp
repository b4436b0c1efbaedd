// A part left out.
#include "anomalies/injection.h"

namespace looking3d {

InjectionOutcome remove_part(Injection& injection) {
  if (injection.normal.parts.size() < 2) return AnomalyRefusal::kOnlyPart;
  Anomaly anomaly{AnomalyKind::kMissing, injection.normal, injection.target().name, injection.target().label, 1.0, Json::object()};
  anomaly.shape.parts.erase(anomaly.shape.parts.begin() + injection.part);
  return anomaly;
}

}  // namespace looking3d
