// STEP files, where looking3d is built with OpenCASCADE: an assembly that the test writes itself.
#ifdef LOOKING3D_STEP
#include "geometry/step_io.h"

#include <gtest/gtest.h>

#include <BRepPrimAPI_MakeBox.hxx>
#include <BRepPrimAPI_MakeCylinder.hxx>
#include <BRep_Builder.hxx>
#include <STEPCAFControl_Writer.hxx>
#include <TDataStd_Name.hxx>
#include <TDocStd_Document.hxx>
#include <TopoDS_Compound.hxx>
#include <XCAFDoc_DocumentTool.hxx>
#include <XCAFDoc_ShapeTool.hxx>
#include <numbers>

#include "base/error.h"

namespace looking3d {
namespace {

gp_Trsf moved(double x, double y, double z) {
  gp_Trsf move;
  move.SetTranslation(gp_Vec(x, y, z));
  return move;
}

/// A stool: a seat, one leg used twice in two places, a round post.
void write_stool(const Path& path) {
  Handle(TDocStd_Document) document = new TDocStd_Document("BinXCAF");
  const Handle(XCAFDoc_ShapeTool) tool = XCAFDoc_DocumentTool::ShapeTool(document->Main());
  const auto part = [&](const TopoDS_Shape& shape, const char* name) {
    const TDF_Label label = tool->AddShape(shape, false);
    TDataStd_Name::Set(label, name);
    return label;
  };
  const TDF_Label stool = tool->NewShape();
  TDataStd_Name::Set(stool, "stool");
  const TDF_Label leg = part(BRepPrimAPI_MakeBox(50, 400, 50).Shape(), "leg");
  tool->AddComponent(stool, part(BRepPrimAPI_MakeBox(400, 30, 400).Shape(), "seat"), TopLoc_Location(moved(0, 400, 0)));
  tool->AddComponent(stool, leg, TopLoc_Location(moved(0, 0, 0)));
  tool->AddComponent(stool, leg, TopLoc_Location(moved(350, 0, 350)));
  tool->AddComponent(stool, part(BRepPrimAPI_MakeCylinder(20, 300).Shape(), "post"), TopLoc_Location(moved(200, 100, 50)));
  tool->UpdateAssemblies();
  STEPCAFControl_Writer writer;
  ASSERT_TRUE(writer.Transfer(document));
  ASSERT_EQ(writer.Write(path.c_str()), IFSelect_RetDone);
}

TEST(Step, AnAssemblyBecomesNamedParts) {
  const Path path = Path(::testing::TempDir()) / "l3d_stool.step";
  write_stool(path);
  const std::vector<NamedMesh> parts = read_mesh_file(path);
  ASSERT_EQ(parts.size(), 4u);
  EXPECT_EQ(parts[0].name, "seat");
  EXPECT_EQ(parts[1].name, "leg");
  EXPECT_EQ(parts[2].name, "leg");
  EXPECT_EQ(parts[3].name, "post");
  for (const NamedMesh& part : parts) EXPECT_TRUE(topology(part.mesh).watertight()) << part.name;
  EXPECT_NEAR(signed_volume(parts[0].mesh), 400.0 * 30 * 400, 1);
  EXPECT_TRUE(bounding_box(parts[1].mesh).min().isApprox(Eigen::Vector3d(0, 0, 0), 1e-6));
  EXPECT_TRUE(bounding_box(parts[2].mesh).max().isApprox(Eigen::Vector3d(400, 400, 400), 1e-6));
  const double cylinder = std::numbers::pi * 20 * 20 * 300;
  EXPECT_NEAR(signed_volume(parts[3].mesh), cylinder, 0.03 * cylinder);
  EXPECT_LT(signed_volume(parts[3].mesh), cylinder) << "facets lie inside";
}

TEST(Step, DamageIsRefused) {
  const Path path = Path(::testing::TempDir()) / "l3d_damaged.step";
  write_stool(path);
  const std::string whole = read_file(path);
  for (const size_t length : {size_t{0}, size_t{100}, whole.size() / 3}) {
    write_file_atomic(path, whole.substr(0, length));
    EXPECT_THROW(read_mesh_file(path), InputError) << length;
  }
  write_file_atomic(path, "no STEP at all");
  EXPECT_THROW(read_mesh_file(path), InputError);
}

TEST(Step, PartsInOtherFilesAreRefused) {
  const Path path = Path(::testing::TempDir()) / "l3d_references.step";
  write_stool(path);
  std::string bytes = read_file(path);
  bytes.insert(bytes.rfind("ENDSEC;"), "#99999 = DOCUMENT_FILE('../../leg.stp','',$,#99998,'',$);\n");
  write_file_atomic(path, bytes);
  try {
    read_mesh_file(path);
    FAIL() << "was read";
  } catch (const InputError& refusal) {
    EXPECT_NE(std::string(refusal.what()).find("one STEP file"), std::string::npos) << refusal.what();
  }
}

}  // namespace
}  // namespace looking3d
#endif
