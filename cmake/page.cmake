# The web page that the exporter serves: web/, bundled by esbuild and written as a C++ source. What npm
# installs goes into the build folder, and the network is needed only when web/package-lock.json changes.
# IGMP_QUERIER_PAGE=/PATH/page.cpp takes the source that another build has written.
option(IGMP_QUERIER_PAGE "Put the web page into the program (needs node and npm)" ON)

if(NOT IGMP_QUERIER_PAGE)
  add_library(mcq_page STATIC ${PROJECT_SOURCE_DIR}/src/exporter/web_page_none.cpp)
elseif(IS_ABSOLUTE "${IGMP_QUERIER_PAGE}")
  add_library(mcq_page STATIC ${IGMP_QUERIER_PAGE})
else()
  find_program(IGMP_QUERIER_NODE node)
  find_program(IGMP_QUERIER_NPM npm)
  mark_as_advanced(IGMP_QUERIER_NODE IGMP_QUERIER_NPM)
  if(NOT IGMP_QUERIER_NODE OR NOT IGMP_QUERIER_NPM)
    message(FATAL_ERROR "the web page needs node and npm (tools/install-packages page), "
                        "or build without it: tools/build-release igmp-querier")
  endif()

  set(web ${PROJECT_SOURCE_DIR}/web)
  set(page ${PROJECT_BINARY_DIR}/page)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${web}/src/*.ts)
  set(manifest ${web}/package.json ${web}/package-lock.json ${web}/.npmrc)

  add_custom_command(
    OUTPUT ${page}/installed
    COMMAND ${CMAKE_COMMAND} -E make_directory ${page}
    COMMAND ${CMAKE_COMMAND} -E copy ${manifest} ${page}
    COMMAND ${CMAKE_COMMAND} -E chdir ${page} ${IGMP_QUERIER_NPM} ci --prefer-offline --loglevel=error
    COMMAND ${CMAKE_COMMAND} -E touch ${page}/installed
    DEPENDS ${manifest}
    COMMENT "Installing what the web page is built with"
    VERBATIM)
  add_custom_command(
    OUTPUT ${page}/page.cpp
    COMMAND ${IGMP_QUERIER_NODE} ${web}/build.mjs ${page}/node_modules ${page}/page.cpp
    DEPENDS ${page}/installed ${web}/build.mjs ${web}/tsconfig.json ${web}/index.html ${web}/app.css
            ${web}/icon.svg ${sources}
    COMMENT "Bundling the web page"
    VERBATIM)
  add_library(mcq_page STATIC ${page}/page.cpp)
endif()
target_include_directories(mcq_page PUBLIC ${PROJECT_SOURCE_DIR}/src)
target_link_libraries(mcq_page PUBLIC mcq_options)
