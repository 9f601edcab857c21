//! A cluster of processes: a scheduler and two executors, of which one is killed while it works.
//!
//! `THALWEG_CLUSTER_ROWS` says how many rows there are in 64 files; 10 million are
//! `THALWEG_CLUSTER_ROWS=10000000 cargo test --release --test cluster`.
#![cfg(feature = "ballista")]
#![allow(clippy::unwrap_used, missing_docs)]

mod data;
mod machines;

use std::path::Path;
use std::time::Duration;

use datafusion::arrow::util::pretty::pretty_format_batches;
use datafusion::error::Result;
use datafusion::prelude::{ParquetReadOptions, SessionConfig, SessionContext};
use thalweg_datafusion::cluster;

use machines::Machines;

/// So that nothing waits for ever; all of it takes a minute.
const LIMIT: Duration = Duration::from_secs(40 * 60);

fn row_count() -> usize {
    let rows = std::env::var("THALWEG_CLUSTER_ROWS").ok();
    rows.map_or(640_000, |rows| rows.parse().expect("a number of rows"))
}

/// Counts, and sums of whole numbers, which do not depend on the order of rows: of the rows and of all nine digits of their scores.
fn checksums(model: &Path) -> String {
    let model = format!("'{}'", model.display());
    format!(
        "SELECT id % 16 AS part, count(*) AS rows, sum(id) AS ids, sum(nats) AS nats, sum(nats * (id % 1009)) AS places, \
         sum(p_value) AS p_values FROM (SELECT id, CAST(1e8 * log_density({model}, a, b, c) AS BIGINT) AS nats, \
         CAST(1e9 * anomaly_p_value({model}, id, a, b, c) AS BIGINT) AS p_value FROM t) GROUP BY id % 16 ORDER BY part"
    )
}

async fn table(session: &SessionContext, folder: &Path) {
    let options = ParquetReadOptions::default();
    session
        .register_parquet("t", folder.to_str().unwrap(), options)
        .await
        .unwrap();
}

async fn text(session: &SessionContext, sql: &str) -> Result<String> {
    let batches = session.sql(sql).await?.collect().await?;
    Ok(pretty_format_batches(&batches)?.to_string())
}

async fn connected(machines: &Machines) -> SessionContext {
    let config = ballista_core::object_store::session_config_with_s3_support();
    cluster::connect_with(&machines.url(), config.with_target_partitions(16))
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_row_is_lost_or_doubled_when_an_executor_is_killed() {
    let work = async {
        let rows = row_count();
        let (folder, model) = data::written(rows);
        let sql = checksums(&model);
        let alone = SessionContext::new_with_config(SessionConfig::new().with_target_partitions(2));
        thalweg_datafusion::register(&alone).unwrap();
        table(&alone, &folder.path().join("rows")).await;
        let expected = text(&alone, &sql).await.unwrap();
        let count = text(&alone, "SELECT count(*), count(DISTINCT id) FROM t")
            .await
            .unwrap();
        assert_eq!(count.matches(&format!(" {rows} ")).count(), 2, "{count}");

        let mut machines = Machines::start(folder.path());
        let session = connected(&machines).await;
        table(&session, &folder.path().join("rows")).await;
        let query = tokio::spawn(async move { text(&session, &sql).await });
        // It has finished tasks, whose results go with it, and has begun others.
        machines.wait_for_results(1, 2).await;
        assert!(
            !query.is_finished(),
            "the executor was to be killed while it works"
        );
        machines.kill(1);
        let found = query.await.unwrap().unwrap();
        assert_eq!(found, expected);
    };
    tokio::time::timeout(LIMIT, work).await.expect("an end");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_draws_the_rows_of_one_machine() {
    let work = async {
        let (folder, model) = data::written(64);
        let samples = format!("density_samples('{}', 50000, 3)", model.display());
        let sql = format!("SELECT count(*), min(a), max(b), min(c) FROM {samples}");
        let alone = SessionContext::new();
        thalweg_datafusion::register(&alone).unwrap();
        let machines = Machines::start(folder.path());
        let session = connected(&machines).await;
        let found = text(&session, &sql).await.unwrap();
        assert_eq!(found, text(&alone, &sql).await.unwrap());
        assert!(found.contains("50000"), "{found}");

        // Errors of the plan are those of the one who plans.
        table(&session, &folder.path().join("rows")).await;
        let wrong = format!("SELECT log_density('{}', b, a, c) FROM t", model.display());
        let error = text(&session, &wrong)
            .await
            .expect_err("another order")
            .to_string();
        assert!(error.contains("in order"), "{error}");

        // An executor that finds another model refuses to score with it.
        let pinned = format!("file://{}#contents=1-00000000", model.display());
        let other = format!("SELECT log_density('{pinned}', a, b, c) FROM t");
        let error = text(&session, &other)
            .await
            .expect_err("another model")
            .to_string();
        assert!(error.contains("another one"), "{error}");
    };
    tokio::time::timeout(LIMIT, work).await.expect("an end");
}
