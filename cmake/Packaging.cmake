# The Debian package: `cpack --config build/release/CPackConfig.cmake`, or tools/package, which builds what goes into it.
# The program, its manual page and completions are installed where they are made (apps/aircheck).
include(GNUInstallDirs)
set(packaging ${PROJECT_SOURCE_DIR}/packaging)

install(DIRECTORY ${PROJECT_SOURCE_DIR}/web/out/ DESTINATION ${CMAKE_INSTALL_DATADIR}/aircheck/web OPTIONAL
        PATTERN ".fingerprint" EXCLUDE)
install(PROGRAMS ${packaging}/update-yt-dlp DESTINATION lib/aircheck)
install(FILES ${packaging}/systemd/aircheck.service ${packaging}/systemd/aircheck-yt-dlp.service
              ${packaging}/systemd/aircheck-yt-dlp.timer
        DESTINATION lib/systemd/system)
install(FILES CHANGELOG.md docs/packaging.md DESTINATION share/doc/aircheck)
install(FILES LICENSE DESTINATION share/doc/aircheck RENAME copyright)
# Only of the package: an installation under another prefix has its own configuration in the user's home.
install(FILES ${packaging}/debian/config.toml DESTINATION /etc/aircheck COMPONENT system EXCLUDE_FROM_ALL)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "The aircheck authors <aircheck@localhost>")
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/../package)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_SET_DESTDIR ON)  # for the one file outside of it, in /etc
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_CMAKE_PROJECTS "${PROJECT_BINARY_DIR};aircheck;ALL;/" "${PROJECT_BINARY_DIR};aircheck;system;/")

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_SECTION video)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "recorder of live streams that loses nothing")
set(CPACK_PACKAGE_DESCRIPTION
    "Records live streams, YouTube Live first, in the highest quality into one
seekable Matroska file each, as jobs of a server with a dashboard or from the
command line. Killed, restarted or cut off it goes on in the same file, and
what could not be had is listed with the reason.")
# The libraries are found by dpkg-shlibdeps. Debian 12's own yt-dlp is years old and YouTube refuses it: the timer
# aircheck-yt-dlp brings the newest, with python3-pip-whl's pip. Without them only playlists can be recorded.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser, ca-certificates, init-system-helpers (>= 1.54)")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "python3 (>= 3.10), python3-pip-whl")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${packaging}/debian/conffiles ${packaging}/debian/postinst
                                       ${packaging}/debian/prerm ${packaging}/debian/postrm)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
