# cmake -DBUILD=<build folder> -DEXAMPLES=.. -DSAMPLES=.. -DWORK=<scratch folder> -DGENERATOR=.. -DCOMPILER=.. -P package_test.cmake
# looking3d as somebody else has it: installed, moved to another folder, found by find_package, linked, run.
function(expect code pattern)
  execute_process(COMMAND ${ARGN} WORKING_DIRECTORY ${WORK} RESULT_VARIABLE found_code OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT found_code EQUAL code OR NOT output MATCHES "${pattern}")
    message(FATAL_ERROR "${ARGN}\nended with ${found_code}, expected ${code} and '${pattern}':\n${output}")
  endif()
endfunction()

file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK})
expect(0 "looking3dConfig.cmake" ${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/elsewhere)
file(RENAME ${WORK}/elsewhere ${WORK}/prefix)  # nothing that is installed may remember where

expect(0 "" ${CMAKE_COMMAND} -S ${EXAMPLES}/inspect_one -B ${WORK}/example -G ${GENERATOR} -DCMAKE_CXX_COMPILER=${COMPILER}
       -DCMAKE_PREFIX_PATH=${WORK}/prefix)
expect(0 "" ${CMAKE_COMMAND} --build ${WORK}/example)
set(inspect_one ${WORK}/example/inspect_one ${SAMPLES}/chair.obj)
expect(0 "^matches, probability 0[.]" ${inspect_one} ${SAMPLES}/whole_1.png)
expect(0 "^deviates, probability [01][.]?[0-9]*\nmissing: " ${inspect_one} ${SAMPLES}/missing.png)
expect(2 "^inspect_one: .*nothing.obj: " ${WORK}/example/inspect_one nothing.obj ${SAMPLES}/whole_1.png)

# The program takes the weights that lie in its own prefix, not those of the source tree.
set(program ${WORK}/prefix/bin/looking3d inspect --reference ${SAMPLES}/chair.obj ${SAMPLES}/whole_1.png)
expect(0 "matches" ${program})
file(WRITE ${WORK}/prefix/share/looking3d/weights/align.safetensors "not weights")
expect(2 "${WORK}/prefix/share/looking3d/weights/align.safetensors" ${program})
file(REMOVE_RECURSE ${WORK})  # 60 MB
