use thalweg_data::{Column, Table};

fn table(columns: Vec<Column>) -> Table {
    Table::new(columns).expect("a table")
}

#[test]
fn numbers_have_six_digits() {
    let numbers = vec![39.019_999_999_999_996, 1_234_567.8, 1e-9, -0.0, 6.02e23];
    let times = vec![0.0, f64::NAN, 86_400.0, 1e300, 0.5];
    let table = table(vec![
        Column::numbers("x", numbers),
        Column::times("t", times),
    ]);
    let expected = [
        ["x", "t"],
        ["39.02", "1970-01-01T00:00:00Z"],
        ["1234570", "–"],
        ["1e-9", "1970-01-02T00:00:00Z"],
        ["-0", "1e300"],
        ["6.02e23", "1970-01-01T00:00:00.5Z"],
    ];
    let shown = table.to_string();
    for (line, expected) in shown.lines().zip(expected) {
        assert_eq!(line.split_whitespace().collect::<Vec<_>>(), expected);
    }
    assert_eq!(shown.lines().count(), expected.len());
}

#[test]
fn all_lines_of_a_table_of_numbers_are_as_wide() {
    let table = table(vec![
        Column::text("word", ["a", "bcd"]),
        Column::numbers("°F", vec![1.0, 22.5]),
    ]);
    let shown = table.to_string();
    assert_eq!(shown, "word    °F\na        1\nbcd   22.5");
}

#[test]
fn what_is_not_shown_is_counted() {
    let columns = (0..14).map(|k| Column::numbers(&format!("c{k}"), vec![1.0; 13]));
    let shown = table(columns.collect()).to_string();
    assert_eq!(shown.lines().count(), 12);
    assert!(
        shown.ends_with("\nand 3 rows and 2 columns more"),
        "{shown}"
    );
    assert!(shown.contains("c11") && !shown.contains("c12"));
}
