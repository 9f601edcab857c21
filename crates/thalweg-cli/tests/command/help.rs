//! The pages of help are those in the folder `help`; `UPDATE_EXPECT=1` writes them anew.

use expect_test::expect_file;

use crate::output;

fn page(verb: &str) -> String {
    let folder = std::env::temp_dir();
    let arguments: Vec<&str> = verb.split_whitespace().chain(["--help"]).collect();
    // Blanks at the ends of lines say nothing.
    let page = output(&folder, &arguments);
    page.lines()
        .map(|line| format!("{}\n", line.trim_end()))
        .collect()
}

#[test]
fn pages_of_help_are_as_stored() {
    for verb in [
        "",
        "fit",
        "score",
        "sample",
        "encode",
        "decode",
        "interpolate",
        "report",
        "compare",
        "check",
        "convert",
        "info",
        "bench",
        "view",
    ] {
        let name = if verb.is_empty() { "thalweg" } else { verb };
        let stored = format!(
            "{}/tests/command/help/{name}.txt",
            env!("CARGO_MANIFEST_DIR")
        );
        expect_file![stored].assert_eq(&page(verb));
    }
}

#[test]
fn shells_and_man_know_all_verbs() {
    let folder = tempfile::tempdir().expect("a folder");
    for shell in ["bash", "zsh", "fish"] {
        let text = output(folder.path(), &["completions", shell]);
        assert!(
            text.contains("score") && text.contains("explain"),
            "{shell}"
        );
    }
    output(folder.path(), &["man", "pages"]);
    let page = std::fs::read_to_string(folder.path().join("pages/thalweg-fit.1")).expect("a page");
    assert!(page.contains("minutes"));
}
