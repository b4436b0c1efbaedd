# cmake -DWEB=<web folder> -DOUT=<file.cpp> -P embed.cmake: the files of web/ as string constants (declared in inspect/page.h).
set(text "// Generated from web/ by src/inspect/embed.cmake.\n#include \"inspect/page.h\"\n\nnamespace looking3d::embedded {\n")
foreach(name IN ITEMS report.html report.css report.js)
  file(READ "${WEB}/${name}" content)
  string(REPLACE "." "_" variable "${name}")
  string(APPEND text "const std::string_view ${variable} = R\"web_file(${content})web_file\";\n")
endforeach()
string(APPEND text "}  // namespace looking3d::embedded\n")
file(WRITE "${OUT}" "${text}")
