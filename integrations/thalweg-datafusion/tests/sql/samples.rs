//! Samples in SQL are those of the command.

use thalweg::data::Table;

use crate::fixtures::{
    bits, model, models, numbers, parquet, refused, rows, session, table_bits, thalweg,
};

#[tokio::test(flavor = "multi_thread")]
async fn samples_are_the_command_s() {
    let (folder, file) = parquet(&numbers(10));
    let session = session(&file).await;
    let out = folder.path().join("drawn.parquet");
    let path = models().join("numbers");
    let command = [
        "sample",
        path.to_str().unwrap(),
        "40000",
        "--seed",
        "5",
        "-o",
        out.to_str().unwrap(),
    ];
    thalweg(&command);
    let expected = Table::read(&out).unwrap();
    let sql = format!(
        "SELECT c, a FROM density_samples({}, 40000, 5)",
        model("numbers")
    );
    let plan = rows(&session, &format!("EXPLAIN {sql}")).await.unwrap();
    assert!(format!("{plan:?}").contains("seed=5"), "{plan:?}");
    let found = rows(&session, &sql).await.unwrap();
    // Partitions come in any order, rows whole.
    let pairs = |columns: [Vec<Option<u64>>; 2]| {
        let [c, a] = columns;
        let mut pairs: Vec<_> = c.into_iter().zip(a).collect();
        pairs.sort();
        pairs
    };
    let found = pairs([0, 1].map(|place| bits(found.column(place))));
    assert_eq!(found.len(), 40_000);
    assert!(found == pairs(["c", "a"].map(|name| table_bits(&expected, name))));
    let other = format!(
        "SELECT c, a FROM density_samples({}, 40000)",
        model("numbers")
    );
    let other = rows(&session, &other).await.unwrap();
    assert!(found != pairs([0, 1].map(|place| bits(other.column(place)))));
}

#[tokio::test(flavor = "multi_thread")]
async fn samples_have_a_density() {
    let (_folder, file) = parquet(&numbers(10));
    let session = session(&file).await;
    let m = model("numbers");
    let sql = format!(
        "SELECT count(*), min(log_density({m}, a, b, c)) > -50 FROM density_samples({m}, 100)"
    );
    let found = format!("{:?}", rows(&session, &sql).await.unwrap());
    assert!(found.contains("100") && found.contains("true"), "{found}");
    let none = rows(&session, &format!("SELECT * FROM density_samples({m}, 0)"))
        .await
        .unwrap();
    assert_eq!((none.num_rows(), none.num_columns()), (0, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_samples_are_errors_of_the_plan() {
    let (_folder, file) = parquet(&numbers(10));
    let session = session(&file).await;
    let cases = [
        ("$m", "literals"),
        ("$m, -1", "literals"),
        ("$m, 1.5", "literals"),
        ("$m, 1, 2, 3", "literals"),
        ("3, 4", "literals"),
        ("'nowhere', 4", "cannot be read"),
        ("$mixed, 4", "given \"time\""),
    ];
    for (args, word) in cases {
        let args = args
            .replace("$mixed", &model("mixed"))
            .replace("$m", &model("numbers"));
        let text = refused(&session, &format!("SELECT * FROM density_samples({args})")).await;
        assert!(text.contains(word), "{args}: {text}");
    }
}
