# Imported targets opencv_<module> for the modules asked for, from Debian's single-module packages: those ship no OpenCVConfig.cmake,
# and the package that does (libopencv-dev) drags in VTK, Qt and some 400 others.
find_path(OpenCVModules_INCLUDE_DIR opencv2/core.hpp PATH_SUFFIXES opencv4)
set(required OpenCVModules_INCLUDE_DIR)
foreach(module IN LISTS OpenCVModules_FIND_COMPONENTS)
  find_library(OpenCVModules_${module}_LIBRARY opencv_${module})
  list(APPEND required OpenCVModules_${module}_LIBRARY)
endforeach()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OpenCVModules REQUIRED_VARS ${required})
foreach(module IN LISTS OpenCVModules_FIND_COMPONENTS)
  if(OpenCVModules_FOUND AND NOT TARGET opencv_${module})
    add_library(opencv_${module} UNKNOWN IMPORTED)
    set_target_properties(opencv_${module} PROPERTIES
      IMPORTED_LOCATION "${OpenCVModules_${module}_LIBRARY}"
      INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${OpenCVModules_INCLUDE_DIR}"
      INTERFACE_INCLUDE_DIRECTORIES "${OpenCVModules_INCLUDE_DIR}")
  endif()
endforeach()
