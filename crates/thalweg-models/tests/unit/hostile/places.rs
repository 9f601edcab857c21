//! What is no regular file.

use std::path::Path;

use thalweg_models::file::{FileProblem, describe, kind};

use super::load_kind;

#[track_caller]
fn refused(path: &Path, found: &str) {
    for error in [
        kind(path).unwrap_err(),
        describe(path).unwrap_err(),
        load_kind("nice", path).unwrap_err(),
    ] {
        let FileProblem::Io(problem) = &error.problem else {
            panic!("{error}");
        };
        assert_eq!(problem.kind(), std::io::ErrorKind::InvalidInput);
        let expected = format!(
            "{}: is {found}; give the path of a regular file",
            path.display()
        );
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn a_folder() {
    refused(tempfile::tempdir().unwrap().path(), "a folder");
}

#[cfg(unix)]
#[test]
fn devices_without_an_end() {
    for device in ["/dev/zero", "/dev/null"] {
        refused(Path::new(device), "a pipe, a socket or a device");
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_that_nobody_writes_to() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&path).status();
    assert!(made.unwrap().success());
    refused(&path, "a pipe, a socket or a device");
}
