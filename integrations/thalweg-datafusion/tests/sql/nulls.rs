//! Rows that have no score have none, as in the command's files.

use datafusion::arrow::array::Array;
use thalweg::data::{Column, Table};

use crate::fixtures::{bits, model, numbers, parquet, rows, session};

#[tokio::test(flavor = "multi_thread")]
async fn a_row_without_a_score_is_null() {
    let mut table = numbers(10);
    let mut a = table.numbers("a").unwrap().to_vec();
    a[3] = f64::NAN;
    a[7] = f64::INFINITY;
    table = table.with_column(Column::numbers("a", a)).unwrap();
    let (_folder, file) = parquet(&table);
    let session = session(&file).await;
    let model = model("numbers");
    for call in [
        format!("log_density({model}, a, b, c)"),
        format!("anomaly_score({model}, a, b, c)"),
        format!("anomaly_p_value({model}, CAST(id AS INT), a, b, c)"),
    ] {
        let found = rows(&session, &format!("SELECT {call} FROM t ORDER BY id"))
            .await
            .unwrap();
        let missing: Vec<usize> = (0..10)
            .filter(|row| found.column(0).is_null(*row))
            .collect();
        assert_eq!(missing, [3, 7], "{call}");
    }
}

/// A model that knows missing values takes them, also as a literal.
#[tokio::test(flavor = "multi_thread")]
async fn missing_values_are_values_where_the_model_knows_them() {
    let table = crate::fixtures::mixed(50);
    let missing = Column::numbers("some", vec![f64::NAN; 50]);
    let (_folder, file) = parquet(&table.clone().with_column(missing).unwrap());
    let session = session(&file).await;
    let model = model("mixed");
    let sql = |some| {
        format!(
            "SELECT log_density({model}, a, b, c, word, angle, {some}, \"time\") FROM t ORDER BY id"
        )
    };
    let column = rows(&session, &sql("\"some\"")).await.unwrap();
    let literal = rows(&session, &sql("NULL")).await.unwrap();
    assert_eq!(bits(column.column(0)), bits(literal.column(0)));
    assert_eq!(column.column(0).null_count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_has_a_number_from_1() {
    let (_folder, file) = parquet(&numbers(10));
    let session = session(&file).await;
    let model = model("numbers");
    for row in ["CAST(id AS BIGINT) - 1", "CAST(NULL AS BIGINT)", "-3"] {
        let sql = format!("SELECT anomaly_p_value({model}, {row}, a, b, c) FROM t");
        let text = rows(&session, &sql).await.expect_err(row).to_string();
        assert!(text.contains("whole number from 1"), "{text}");
    }
    // No batch, and nothing to score.
    let sql = format!("SELECT log_density({model}, a, b, c) FROM t WHERE id > 99");
    let none: Table = numbers(0);
    assert_eq!(
        session.sql(&sql).await.unwrap().count().await.unwrap(),
        none.rows()
    );
}
