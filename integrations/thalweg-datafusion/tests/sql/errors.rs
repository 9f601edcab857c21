//! What a plan refuses.

use crate::fixtures::{model, numbers, parquet, refused, session};

#[tokio::test(flavor = "multi_thread")]
async fn wrong_arguments_are_errors_of_the_plan() {
    let (_folder, file) = parquet(&numbers(100));
    let session = session(&file).await;
    let m = model("numbers");
    let cases = [
        ("log_density()", &["log_density"][..]),
        ("log_density(a, b, c)", &["text in quotes", "column"]),
        ("log_density(1.5, a, b, c)", &["text in quotes", "1.5"]),
        (
            "log_density('nowhere/m', a, b, c)",
            &["nowhere/m", "cannot be read"],
        ),
        (
            "log_density('s3://bucket/m', a, b, c)",
            &["s3://bucket/m", "cannot be read"],
        ),
        (
            "log_density($m, a, b)",
            &["2 columns", "\"a\", \"b\", \"c\"", "missing are \"c\""],
        ),
        ("log_density($m, id, a, b, c)", &["4 columns"]),
        ("log_density($m, b, a, c)", &["column \"b\"", "has \"a\""]),
        ("anomaly_score($m, a, b, b)", &["column \"b\"", "has \"c\""]),
        (
            "log_density($m, a, 'x', c)",
            &["Utf8", "column \"b\"", "numbers"],
        ),
        (
            "log_density($m, a, id > 3, c)",
            &["Boolean", "column \"b\"", "numbers"],
        ),
        (
            "log_density($m, a, NULL, c)",
            &["NULL", "column \"b\"", "Missing::Indicator"],
        ),
        (
            "log_density($m, a, CAST(NULL AS DOUBLE), c)",
            &["NULL", "column \"b\""],
        ),
        (
            "anomaly_p_value($m, id, a, b, c)",
            &["Float64", "number of the row"],
        ),
        ("anomaly_p_value($m, 1, id, a, b, c)", &["5 columns"]),
    ];
    for (call, words) in cases {
        let call = call.replace("$m", &m);
        let text = refused(&session, &format!("SELECT {call} FROM t")).await;
        for word in words {
            assert!(text.contains(word), "{call}: {text} lacks {word}");
        }
        // Also where it is no column of the result.
        let text = refused(
            &session,
            &format!("SELECT count(*) FROM t WHERE {call} < 3"),
        )
        .await;
        assert!(text.contains(words[0]), "{call}: {text}");
    }
}

/// A plan is checked as it was written, whatever columns the inner query gives these names to.
#[tokio::test(flavor = "multi_thread")]
async fn names_are_those_of_the_query_around() {
    let (_folder, file) = parquet(&numbers(100));
    let session = session(&file).await;
    let m = model("numbers");
    let swapped = "(SELECT b AS a, a AS b, c FROM t)";
    let sql = format!("SELECT log_density({m}, a, b, c) FROM {swapped}");
    let inner = crate::fixtures::rows(&session, &sql).await.unwrap();
    let sql = format!("SELECT log_density({m}, b + 0.0, a + 0.0, c) FROM t");
    assert_eq!(
        inner.column(0),
        crate::fixtures::rows(&session, &sql)
            .await
            .unwrap()
            .column(0)
    );
    let text = refused(
        &session,
        &format!("SELECT log_density({m}, b, a, c) FROM {swapped}"),
    )
    .await;
    assert!(text.contains("in order"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_without_a_model_is_an_error_of_the_plan() {
    let (_folder, file) = parquet(&numbers(100));
    let session = session(&file).await;
    let sql = format!("SELECT log_density('{}', a, b, c) FROM t", file.display());
    let text = refused(&session, &sql).await;
    assert!(text.contains("not a readable model file"), "{text}");
}
