//! Columns of tables in memory.

use thalweg_data::{Column, ColumnsError, Table};

#[test]
fn numbers_are_asked_for_by_name() {
    let table = Table::new(vec![
        Column::numbers("x", vec![1.0, 2.0]),
        Column::text("word", ["a", "b"]),
        Column::times("t", vec![0.0, 1.0]),
    ])
    .expect("a table");
    assert_eq!(table.numbers("x"), Ok(&[1.0, 2.0][..]));
    let message = |name| table.numbers(name).expect_err("no numbers").to_string();
    assert_eq!(
        message("word"),
        "column \"word\" holds text and not numbers; read it as such, see `CsvOptions`"
    );
    assert_eq!(
        message("t"),
        "column \"t\" holds times and not numbers; read it as such, see `CsvOptions`"
    );
    assert!(matches!(
        table.numbers("y"),
        Err(ColumnsError::NoColumn { .. })
    ));
}
