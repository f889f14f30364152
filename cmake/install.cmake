# Every file of an installation and its place: `cmake --install build/release [--prefix /usr]`, with DESTDIR too.
include(GNUInstallDirs)
set(packaging ${PROJECT_SOURCE_DIR}/packaging)
set(shared ${CMAKE_INSTALL_DATADIR}/igmp-querier)

install(TARGETS igmp-querier RUNTIME)
install(FILES ${packaging}/man/igmp-querier.8 DESTINATION ${CMAKE_INSTALL_MANDIR}/man8)
install(FILES ${packaging}/man/igmp-querier.toml.5 DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)
install(FILES ${packaging}/completions/igmp-querier.bash
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME igmp-querier)
install(FILES ${packaging}/completions/_igmp-querier DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES ${packaging}/igmp-querier.sysusers DESTINATION lib/sysusers.d RENAME igmp-querier.conf)
install(DIRECTORY ${packaging}/prometheus ${packaging}/grafana DESTINATION ${shared})
install(FILES README.md CHANGELOG.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs PATTERN decisions EXCLUDE)

# The units name the program by its path, which depends on the prefix.
foreach(unit igmp-querier igmp-querier-exporter)
  install(CODE "
    file(READ \"${packaging}/${unit}.service\" unit)
    string(REPLACE /usr/local/bin/ \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}/\" unit \"\${unit}\")
    file(WRITE \"${PROJECT_BINARY_DIR}/units/${unit}.service\" \"\${unit}\")
    file(INSTALL \"${PROJECT_BINARY_DIR}/units/${unit}.service\"
         DESTINATION \"\${CMAKE_INSTALL_PREFIX}/lib/systemd/system\")")
endforeach()

# The file that the program reads without --config, wherever the program is. One that is there stays.
install(CODE "
  if(NOT EXISTS \"\$ENV{DESTDIR}/etc/igmp-querier/igmp-querier.toml\")
    file(INSTALL \"${packaging}/igmp-querier.toml\" DESTINATION /etc/igmp-querier)
  endif()")
