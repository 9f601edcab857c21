//! Every page of the book that has programs is among the doctests.

use std::fs;
use std::path::{Path, PathBuf};

/// The pages below a folder.
fn pages(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder of the book can be read");
    let paths = entries.map(|entry| entry.expect("an entry can be read").path());
    paths
        .flat_map(|path| match path.is_dir() {
            true => pages(&path),
            false => vec![path],
        })
        .filter(|path| path.extension().is_some_and(|ending| ending == "md"))
        .collect()
}

#[test]
fn programs_of_every_page_are_doctests() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = here.join("../../docs");
    let list = fs::read_to_string(here.join("src/book.rs")).expect("the list of pages can be read");
    let mut programs = 0;
    for path in pages(&docs) {
        let text = fs::read_to_string(&path).expect("a page can be read");
        let name = path
            .strip_prefix(&docs)
            .expect("a page is below the folder");
        let name = name
            .to_str()
            .expect("names of pages are UTF-8")
            .replace('\\', "/");
        let has_programs = text.lines().any(|line| line.starts_with("```rust"));
        let is_listed = list.contains(&format!("\"{name}\";"));
        assert_eq!(
            is_listed, has_programs,
            "docs/{name} and the list in crates/thalweg/src/book.rs"
        );
        programs += usize::from(is_listed);
    }
    assert!(programs > 0, "the book has no programs");
}
