#include "geometry/step_io.h"

#include "base/error.h"

#ifdef LOOKING3D_STEP
#include <BRepBndLib.hxx>
#include <BRepMesh_IncrementalMesh.hxx>
#include <BRep_Tool.hxx>
#include <Bnd_Box.hxx>
#include <Message.hxx>
#include <Message_Messenger.hxx>
#include <Poly_Triangulation.hxx>
#include <STEPCAFControl_Reader.hxx>
#include <Standard_Failure.hxx>
#include <Standard_OutOfMemory.hxx>
#include <TDF_Label.hxx>
#include <TDF_LabelSequence.hxx>
#include <TDataStd_Name.hxx>
#include <TDocStd_Document.hxx>
#include <TopExp_Explorer.hxx>
#include <TopoDS.hxx>
#include <XCAFDoc_DocumentTool.hxx>
#include <XCAFDoc_ShapeTool.hxx>
#include <algorithm>
#include <cctype>
#include <cmath>
#include <new>
#include <string_view>

namespace looking3d {
namespace {

constexpr double kDeflection = 0.001;                   ///< distance of triangles from the surface, in diagonals of the whole
constexpr double kAngle = 15 * 3.14159265358979 / 180;  ///< between neighbouring facets of a curved face
constexpr double kWeld = 1e-6;                          ///< in diagonals: corners of neighbouring faces closer than this are one
constexpr int kDeepestAssembly = 100;
constexpr size_t kMostParts = 20000, kMostTriangles = 20'000'000;

std::string name_of(const TDF_Label& label) {
  Handle(TDataStd_Name) name;
  if (!label.FindAttribute(TDataStd_Name::GetID(), name)) return "";
  std::string text(static_cast<size_t>(name->Get().LengthOfCString()), '\0');
  char* target = text.data();
  name->Get().ToUTF8CString(target);
  return text;
}

double diagonal_of(const TopoDS_Shape& shape) {
  Bnd_Box box;
  BRepBndLib::Add(shape, box, false);
  return box.IsVoid() ? 0 : std::sqrt(box.SquareExtent());
}

/// The triangles of all faces of a meshed shape, seen from outside.
TriangleMesh triangles_of(const TopoDS_Shape& shape) {
  TriangleMesh mesh;
  for (TopExp_Explorer faces(shape, TopAbs_FACE); faces.More(); faces.Next()) {
    TopLoc_Location location;
    const Handle(Poly_Triangulation) face = BRep_Tool::Triangulation(TopoDS::Face(faces.Current()), location);
    if (face.IsNull()) continue;
    const bool reversed = faces.Current().Orientation() == TopAbs_REVERSED;
    const int offset = static_cast<int>(mesh.vertices.size()) - 1;  // OpenCASCADE counts from 1
    for (int i = 1; i <= face->NbNodes(); ++i) {
      const gp_Pnt p = face->Node(i).Transformed(location.Transformation());
      mesh.vertices.push_back(Eigen::Vector3d(p.X(), p.Y(), p.Z()).cast<float>());
    }
    for (int i = 1; i <= face->NbTriangles(); ++i) {
      int a = 0, b = 0, c = 0;
      face->Triangle(i).Get(a, b, c);
      if (reversed) std::swap(b, c);
      mesh.triangles.push_back(Eigen::Vector3i(a, b, c) + Eigen::Vector3i::Constant(offset));
    }
  }
  return mesh;
}

/// Walks the assembly tree and collects its solids and shells.
class AssemblyReader {
 public:
  AssemblyReader(const Path& path, const Handle(TDocStd_Document) & document)
      : path_(path), tool_(XCAFDoc_DocumentTool::ShapeTool(document->Main())) {}

  std::vector<NamedMesh> read() {
    TDF_LabelSequence roots;
    tool_->GetFreeShapes(roots);
    double diagonal = 0;
    for (const TDF_Label& root : roots) diagonal = std::max(diagonal, diagonal_of(XCAFDoc_ShapeTool::GetShape(root)));
    if (!(diagonal > 0)) throw InputError(path_, "holds no surface");
    diagonal_ = diagonal;
    for (const TDF_Label& root : roots) visit(root, TopLoc_Location(), name_of(root), 0);
    if (meshes_.empty()) throw InputError(path_, "holds no surface");
    return std::move(meshes_);
  }

 private:
  void visit(const TDF_Label& label, const TopLoc_Location& world_from_parent, const std::string& name, int depth) {
    if (depth > kDeepestAssembly) throw InputError(path_, "nests assemblies deeper than 100 levels");
    TDF_Label definition = label;
    if (XCAFDoc_ShapeTool::IsReference(label)) XCAFDoc_ShapeTool::GetReferredShape(label, definition);
    const TopLoc_Location world_from_label = world_from_parent * XCAFDoc_ShapeTool::GetLocation(label);
    if (!XCAFDoc_ShapeTool::IsAssembly(definition)) return add(XCAFDoc_ShapeTool::GetShape(definition), world_from_label, name);
    TDF_LabelSequence children;
    XCAFDoc_ShapeTool::GetComponents(definition, children);
    for (const TDF_Label& child : children) {
      // An instance without a name of its own is called after what it places.
      std::string own = name_of(child);
      TDF_Label placed;
      if ((own.empty() || own.starts_with("=>") || own.starts_with("NAUO")) && XCAFDoc_ShapeTool::GetReferredShape(child, placed))
        own = name_of(placed);
      visit(child, world_from_label, depth == 0 ? own : name + "/" + own, depth + 1);
    }
  }

  void add(const TopoDS_Shape& part, const TopLoc_Location& world_from_part, const std::string& name) {
    const TopoDS_Shape placed = part.Moved(world_from_part);
    BRepMesh_IncrementalMesh(placed, kDeflection * diagonal_, false, kAngle, false);
    size_t pieces = 0;
    for (const auto kind : {TopAbs_SOLID, TopAbs_SHELL})
      for (TopExp_Explorer found(placed, kind, kind == TopAbs_SHELL ? TopAbs_SOLID : TopAbs_SHAPE); found.More(); found.Next())
        pieces += add_mesh(triangles_of(found.Current()), name);
    if (pieces == 0) add_mesh(triangles_of(placed), name);
  }

  size_t add_mesh(TriangleMesh mesh, const std::string& name) {
    triangles_ += mesh.triangles.size();
    if (triangles_ > kMostTriangles || meshes_.size() >= kMostParts)
      throw InputError(path_, "has more parts or triangles than can be used", "simplify it first");
    mend(mesh, kWeld * diagonal_);
    if (mesh.empty()) return 0;
    meshes_.push_back({name, std::move(mesh)});
    return 1;
  }

  const Path path_;
  Handle(XCAFDoc_ShapeTool) tool_;
  double diagonal_ = 0;
  size_t triangles_ = 0;
  std::vector<NamedMesh> meshes_;
};

/// An assembly over several files names each in a DOCUMENT_FILE.
void refuse_other_files(const Path& path, const std::string& bytes) {
  static constexpr std::string_view kEntity = "DOCUMENT_FILE";
  const auto same = [](char a, char b) { return std::toupper(static_cast<unsigned char>(a)) == b; };
  if (std::search(bytes.begin(), bytes.end(), kEntity.begin(), kEntity.end(), same) != bytes.end())
    throw InputError(path, "refers to other files (DOCUMENT_FILE)", "export the whole assembly into one STEP file");
}

}  // namespace

std::vector<NamedMesh> read_step_file(const Path& path, const std::string& bytes) {
  refuse_other_files(path, bytes);
  Message::DefaultMessenger()->ChangePrinters().Clear();
  try {
    STEPCAFControl_Reader reader;
    reader.SetNameMode(true);
    if (reader.ReadFile(path.c_str()) != IFSelect_RetDone) throw InputError(path, "cannot be read as STEP", "is the file whole?");
    Handle(TDocStd_Document) document = new TDocStd_Document("BinXCAF");
    if (!reader.Transfer(document)) throw InputError(path, "holds nothing that can be placed");
    return AssemblyReader(path, document).read();
  } catch (const Standard_OutOfMemory&) {
    throw std::bad_alloc();
  } catch (const Standard_Failure& failure) {
    throw InputError(path, std::string("cannot be read as STEP: ") + failure.GetMessageString());
  }
}

}  // namespace looking3d

#else

namespace looking3d {

std::vector<NamedMesh> read_step_file(const Path& path, const std::string&) {
  throw InputError(path, "is a STEP file, and this looking3d was built without STEP",
                   "build with cmake -DLOOKING3D_STEP=ON, or export a mesh");
}

}  // namespace looking3d

#endif
