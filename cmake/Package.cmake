# What `cmake --install` lays down, and the Debian package made of it (`cpack -G DEB` in the build folder, or scripts/package.sh).
include(CMakePackageConfigHelpers)

# Libraries that lie where the loader does not look (a LibTorch unpacked somewhere) are found there by what is installed too.
set_target_properties(looking3d looking3d_library PROPERTIES INSTALL_RPATH_USE_LINK_PATH ON)

set(weights_dir ${CMAKE_INSTALL_DATADIR}/looking3d/weights)
set(config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/looking3d)
install(TARGETS looking3d)
install(TARGETS looking3d_library EXPORT looking3dTargets)
install(DIRECTORY include/looking3d DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY weights/ DESTINATION ${weights_dir} FILES_MATCHING PATTERN *.safetensors)
install(EXPORT looking3dTargets NAMESPACE looking3d:: DESTINATION ${config_dir})
set(config ${PROJECT_BINARY_DIR}/looking3dConfig.cmake)
set(config_version ${PROJECT_BINARY_DIR}/looking3dConfigVersion.cmake)
configure_package_config_file(cmake/looking3dConfig.cmake.in ${config} INSTALL_DESTINATION ${config_dir} PATH_VARS weights_dir)
write_basic_package_version_file(${config_version} COMPATIBILITY SameMinorVersion)
install(FILES ${config} ${config_version} cmake/FindOpenCVModules.cmake DESTINATION ${config_dir})
install(FILES README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)  # as Debian calls it
install(DIRECTORY docs examples DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(
  FILES ${PROJECT_BINARY_DIR}/src/cli/completion.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME looking3d)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "The looking3d maintainers")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_DESCRIPTION
    "Given the CAD model of a product and a photo of one piece, looking3d tells whether the piece deviates from the model, where, and how: a
missing, broken, moved, turned or swapped part. Program, trained weights, C++ library and its headers.")
if(LOOKING3D_MARCH)
  string(APPEND CPACK_PACKAGE_DESCRIPTION " Built for processors of ${LOOKING3D_MARCH}.")
endif()
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
# Debian's LibTorch runs with whatever BLAS is installed; its reference BLAS is 40 times slower.
set(CPACK_DEBIAN_PACKAGE_DEPENDS libopenblas0-pthread)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "g++, cmake, libopencv-core-dev, libopencv-imgcodecs-dev")
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
find_program(LOOKING3D_SHLIBDEPS dpkg-shlibdeps)
mark_as_advanced(LOOKING3D_SHLIBDEPS)
if(LOOKING3D_SHLIBDEPS)
  set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
endif()
include(CPack)
