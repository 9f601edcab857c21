//! Models that were loaded.

use std::fmt;
use std::future::Future;
use std::sync::{Arc, OnceLock, mpsc};

use datafusion::execution::object_store::ObjectStoreRegistry;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt};
use parking_lot::Mutex;
use tokio::runtime::{Builder, Handle, Runtime, RuntimeFlavor};

use crate::ModelError;
use crate::location::{Contents, Location};
use crate::model::Model;

/// The models in memory. The one that was not asked for the longest goes first.
const KEPT: usize = 16;

/// The models that the functions of one session or process have loaded.
///
/// A plan asks for the newest model of a place: its size, entity tag and time say whether it was loaded before. A batch asks for
/// contents, which the plan has named, and no store is asked when they were loaded.
pub(crate) struct Models {
    stores: Arc<dyn ObjectStoreRegistry>,
    /// The one that was asked for last comes last.
    kept: Mutex<Vec<Arc<Model>>>,
    /// One thread loads, and the others find what it has loaded.
    loading: Mutex<()>,
}

impl fmt::Debug for Models {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kept = self.kept.lock();
        let places = kept.iter().map(|model| model.location.to_string());
        f.debug_list().entries(places).finish()
    }
}

impl Models {
    pub(crate) fn new(stores: Arc<dyn ObjectStoreRegistry>) -> Self {
        Self {
            stores,
            kept: Mutex::default(),
            loading: Mutex::default(),
        }
    }

    /// The model with the contents that the location names, or the newest one there.
    pub(crate) fn get(&self, location: &Location) -> Result<Arc<Model>, ModelError> {
        if location.contents.is_some()
            && let Some(model) = self.kept(|model| model.location == *location)
        {
            return Ok(model);
        }
        let _one = self.loading.lock();
        match location.contents {
            Some(contents) => {
                // Another thread may have loaded it meanwhile.
                if let Some(model) = self.kept(|model| model.location == *location) {
                    return Ok(model);
                }
                let model = self.load(location)?;
                match model.location.contents == Some(contents) {
                    true => Ok(model),
                    false => Err(ModelError::Changed {
                        location: location.url().to_string(),
                    }),
                }
            }
            None => {
                let (store, path) = (self.store(location)?, location.path()?);
                let version = blocking(async move { store.head(&path).await });
                let version = version.map_err(|error| unread(location, error))?;
                let same = |model: &Model| {
                    model.location.url() == location.url() && is_same(&model.version, &version)
                };
                match self.kept(same) {
                    Some(model) => Ok(model),
                    None => self.load(location),
                }
            }
        }
    }

    /// A model in memory, which becomes the one that was asked for last.
    fn kept(&self, wanted: impl Fn(&Model) -> bool) -> Option<Arc<Model>> {
        let mut kept = self.kept.lock();
        let place = kept.iter().rposition(|model| wanted(model))?;
        let model = kept.remove(place);
        kept.push(Arc::clone(&model));
        Some(model)
    }

    fn load(&self, location: &Location) -> Result<Arc<Model>, ModelError> {
        let (store, path) = (self.store(location)?, location.path()?);
        let read = blocking(async move {
            let object = store.get(&path).await?;
            let version = object.meta.clone();
            Ok((version, object.bytes().await?))
        });
        let (version, bytes) =
            read.map_err(|error: object_store::Error| unread(location, error))?;
        let location = location.with_contents(Contents::of(&bytes));
        let model = Arc::new(Model::new(location, version, &bytes)?);
        let mut kept = self.kept.lock();
        // The same contents with another time.
        kept.retain(|other| other.location != model.location);
        if kept.len() == KEPT {
            kept.remove(0);
        }
        kept.push(Arc::clone(&model));
        Ok(model)
    }

    fn store(&self, location: &Location) -> Result<Arc<dyn ObjectStore>, ModelError> {
        let store = self.stores.get_store(location.store()?.as_ref());
        store.map_err(|error| unread(location, error))
    }
}

/// Whether an object has not changed, as far as its store says.
fn is_same(one: &ObjectMeta, other: &ObjectMeta) -> bool {
    let of = |meta: &ObjectMeta| (meta.size, meta.e_tag.clone(), meta.last_modified);
    of(one) == of(other)
}

fn unread(location: &Location, error: impl fmt::Display) -> ModelError {
    ModelError::Read {
        location: location.url().to_string(),
        reason: error.to_string(),
    }
}

/// Waits for a store: plans are made by functions that are not asynchronous. The work is done on a thread of its own, which also
/// keeps the connections of the stores alive.
fn blocking<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    static READER: OnceLock<Runtime> = OnceLock::new();
    let reader = READER.get_or_init(|| {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("thalweg-models")
            .enable_all()
            .build();
        runtime.expect("the system starts another thread")
    });
    let (give, take) = mpsc::sync_channel(1);
    reader.spawn(async move { give.send(work.await) });
    let wait = || take.recv().expect("a store does not panic");
    let shared = Handle::try_current().map(|handle| handle.runtime_flavor());
    match shared {
        // The other tasks of this thread move to another one: one of them may hold the connection that is waited for.
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(wait),
        _ => wait(),
    }
}
