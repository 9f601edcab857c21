//! Models are read from any store, once.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    ObjectStoreExt, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};
use url::Url;

use crate::fixtures::{bits, models, numbers, parquet, rows, session};

/// A store that counts how often an object is read, and how often asked for.
#[derive(Debug, Default)]
struct Counted {
    store: InMemory,
    reads: AtomicUsize,
    heads: AtomicUsize,
}

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.store.fmt(f)
    }
}

#[async_trait]
impl ObjectStore for Counted {
    async fn put_opts(&self, path: &Path, bytes: PutPayload, how: PutOptions) -> Result<PutResult> {
        self.store.put_opts(path, bytes, how).await
    }

    async fn put_multipart_opts(
        &self,
        path: &Path,
        how: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.store.put_multipart_opts(path, how).await
    }

    async fn get_opts(&self, path: &Path, how: GetOptions) -> Result<GetResult> {
        let count = if how.head { &self.heads } else { &self.reads };
        count.fetch_add(1, Ordering::SeqCst);
        self.store.get_opts(path, how).await
    }

    async fn get_ranges(&self, path: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.store.get_ranges(path, ranges).await
    }

    fn delete_stream(
        &self,
        paths: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        self.store.delete_stream(paths)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.store.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.store.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, how: CopyOptions) -> Result<()> {
        self.store.copy_opts(from, to, how).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_in_any_store_is_read_once() {
    let (_folder, file) = parquet(&numbers(5000));
    let session = session(&file).await;
    let store = Arc::new(Counted::default());
    let put = async |name| {
        let bytes = std::fs::read(models().join(name)).unwrap();
        store
            .put(&Path::from("models/m"), bytes.into())
            .await
            .unwrap();
    };
    put("numbers").await;
    session.register_object_store(&Url::parse("memory://here/").unwrap(), store.clone());
    let at = "SELECT log_density('memory://here/models/m', a, b, c) FROM t ORDER BY id";
    let on_disk = at.replace(
        "'memory://here/models/m'",
        &crate::fixtures::model("numbers"),
    );
    let on_disk = rows(&session, &on_disk).await.unwrap();
    for _ in 0..3 {
        let found = rows(&session, at).await.unwrap();
        assert_eq!(bits(found.column(0)), bits(on_disk.column(0)));
    }
    assert_eq!(store.reads.load(Ordering::SeqCst), 1);
    // Once a plan; once the read of the first says it too.
    assert!(store.heads.load(Ordering::SeqCst) <= 3);

    // A plan keeps the model that it was made with, as long as that is in memory; the next one takes the new model.
    let sql = at.replace("a, b, c)", "a, b, c) AS nats");
    let planned = session
        .sql(&sql)
        .await
        .unwrap()
        .create_physical_plan()
        .await
        .unwrap();
    put("mixed").await;
    let text = rows(&session, at)
        .await
        .expect_err("another model")
        .to_string();
    assert!(
        text.contains("\"word\"") && text.contains("3 columns"),
        "{text}"
    );
    let task = session.task_ctx();
    let batches = datafusion::physical_plan::collect(planned, task)
        .await
        .unwrap();
    assert_eq!(
        batches.iter().map(|batch| batch.num_rows()).sum::<usize>(),
        5000
    );
    assert_eq!(store.reads.load(Ordering::SeqCst), 2);
}

/// A machine that finds another model at the place than the one that planned refuses to score with it.
#[tokio::test(flavor = "multi_thread")]
async fn a_plan_names_the_contents_of_its_model() {
    let (_folder, file) = parquet(&numbers(100));
    let session = session(&file).await;
    let place = models().join("numbers");
    let sql = format!(
        "SELECT log_density('file://{}', a, b, c) AS nats FROM t",
        place.display()
    );
    let plan = session
        .sql(&sql)
        .await
        .unwrap()
        .into_optimized_plan()
        .unwrap()
        .display_indent()
        .to_string();
    let contents = plan.split_once("#contents=").expect("contents").1;
    let contents = contents.split_once('"').expect("the end of a text").0;
    let named = |contents| sql.replace("numbers'", &format!("numbers#contents={contents}'"));
    let found = rows(&session, &named(contents)).await.unwrap();
    assert_eq!(found, rows(&session, &sql).await.unwrap());
    let text = rows(&session, &named("12-00000000"))
        .await
        .expect_err("other contents")
        .to_string();
    assert!(
        text.contains("another one than when the query was planned"),
        "{text}"
    );
}
