//! Scores in SQL are those of the command, bit for bit.

use thalweg::data::Table;

use crate::fixtures::{
    bits, mixed, model, models, numbers, parquet, rows, session, table_bits, thalweg,
};

/// Scores a table of 5500 rows by the command and in SQL.
async fn compare(name: &str, table: &Table, columns: &str) {
    let (folder, file) = parquet(table);
    let scores = folder.path().join("scores.parquet");
    let [path, out] = [&file, &scores].map(|path| path.to_str().unwrap());
    thalweg(&[
        "score",
        models().join(name).to_str().unwrap(),
        path,
        "-o",
        out,
    ]);
    let expected = Table::read(&scores).unwrap();
    let session = session(&file).await;
    let model = model(name);
    let sql = format!(
        "SELECT log_density({model}, {columns}) AS nats, anomaly_score({model}, {columns}) AS score, \
         anomaly_p_value({model}, CAST(id AS BIGINT), {columns}) AS p_value, id FROM t"
    );
    let plan = rows(&session, &format!("EXPLAIN {sql}")).await.unwrap();
    assert!(format!("{plan:?}").contains("4 groups"), "{plan:?}");
    let found = rows(&session, &format!("{sql} ORDER BY id")).await.unwrap();
    for (place, column) in ["nats", "score", "p_value"].iter().enumerate() {
        let expected = table_bits(&expected, column);
        assert_eq!(expected.len(), 5500);
        assert!(bits(found.column(place)) == expected, "{name}: {column}");
    }
    // Rows that are chosen come in batches of other lengths, down to none.
    for chosen in ["id % 7 = 3", "id = 4711", "id < 66 OR id > 5490", "id < 0"] {
        let found = session
            .sql(&format!("{sql} WHERE {chosen} ORDER BY id"))
            .await
            .unwrap();
        for batch in found.collect().await.unwrap() {
            let ids = batch.column_by_name("id").unwrap();
            for (row, id) in bits(ids).into_iter().enumerate() {
                let at = f64::from_bits(id.unwrap()) as usize - 1;
                for (place, column) in ["nats", "score", "p_value"].iter().enumerate() {
                    let expected = table_bits(&expected, column)[at];
                    assert_eq!(
                        bits(batch.column(place))[row],
                        expected,
                        "{name}: {column} of {at}"
                    );
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn scores_of_numbers_are_the_command_s() {
    compare("numbers", &numbers(5500), "a, b, c").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn scores_of_columns_of_all_kinds_are_the_command_s() {
    compare(
        "mixed",
        &mixed(5500),
        "a, b, c, word, angle, \"some\", \"time\"",
    )
    .await;
}

/// Without the number of the row, a p-value is the largest one of all rows with these values.
#[tokio::test(flavor = "multi_thread")]
async fn p_values_without_a_row_are_bounds() {
    let (_folder, file) = parquet(&numbers(2000));
    let session = session(&file).await;
    let model = model("numbers");
    let sql = format!(
        "SELECT anomaly_p_value({model}, a, b, c), anomaly_p_value({model}, CAST(id AS BIGINT), a, b, c) FROM t"
    );
    let found = rows(&session, &sql).await.unwrap();
    let [above, p_values] = [0, 1].map(|place| bits(found.column(place)));
    let mut differ = 0;
    for (above, p_value) in above.into_iter().zip(p_values) {
        let (above, p_value) = (
            f64::from_bits(above.unwrap()),
            f64::from_bits(p_value.unwrap()),
        );
        assert!(
            above >= p_value && above <= p_value + 2.0 / 700.0,
            "{above}, {p_value}"
        );
        differ += usize::from(above > p_value);
    }
    assert!(differ > 1900);
}
