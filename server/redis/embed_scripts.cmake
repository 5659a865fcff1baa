# cmake -DOUTPUT=scripts.cpp -DSCRIPTS=a.lua,b.lua -P embed_scripts.cmake
# Writes each file as a `script` named like the file, with the SHA1 that Redis knows it by.
string(REPLACE "," ";" SCRIPTS "${SCRIPTS}")
set(code "#include \"server/redis/scripts.hpp\"\n\nnamespace studium::redis {\n")
foreach(file IN LISTS SCRIPTS)
  get_filename_component(name "${file}" NAME_WE)
  file(READ "${file}" source)
  file(SHA1 "${file}" sha1)
  string(APPEND code "\nconst script ${name}{\"${name}\", R\"lua(${source})lua\",\n    \"${sha1}\"};\n")
endforeach()
string(APPEND code "\n} // namespace studium::redis\n")
file(WRITE "${OUTPUT}" "${code}")
