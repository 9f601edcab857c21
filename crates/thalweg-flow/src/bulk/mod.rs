//! Batches of any size in bounded memory: chunk by chunk, on all cores.
//!
//! The activations of a million rows take gigabytes, and lie in no cache. [`by_chunks`] maps a large batch
//! a chunk at a time, and each thread has its own chunk, so that the memory is that of the input, the
//! output and one chunk a thread. [`Given`](crate::Given) and all models go through it.

mod joined;
mod size;

use std::convert::Infallible;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use burn::module::Module;
use burn::tensor::Tensor;

pub use self::size::Work;

use self::joined::Joined;
use self::size::{LEAST, Size};
use crate::points::rows;
use crate::{Condition, TensorMap, Variable, probe};

/// Maps a batch under a condition by a module, chunk by chunk where it is large; row `i` of the result is
/// a function of row `i` of the batch.
///
/// `map` gets a copy of the module, a chunk of the batch, and the condition's rows for it. Where parameters
/// or the batch are on a tape, the tape holds the activations anyway, and `map` gets the whole batch. The
/// chunks depend on the module and the batch alone, not on the number of threads.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::bulk::map_by_chunks;
/// use thalweg_flow::{Bijection, DiagonalScale};
///
/// let device = Device::default();
/// let layer = DiagonalScale::<2>::new(3, &device);
/// let x = Tensor::<2>::ones([100_000, 3], &device);
/// let z = map_by_chunks(&layer, &(), x, |layer, x, context| layer.forward(x, context).0);
/// assert_eq!(z.dims(), [100_000, 3]);
/// ```
///
/// # Panics
///
/// When the condition has neither one row nor one for each of the batch.
pub fn map_by_chunks<M: Module, C: Condition, X: Variable, Z: Variable>(
    module: &M,
    context: &C,
    x: X,
    map: impl Fn(&M, X, &C) -> Z + Sync,
) -> Z {
    let infallible = |module: &M, x, context: &C| Ok::<_, Infallible>(map(module, x, context));
    let Ok(z) = by_chunks(module, context, x, Work::Fused, infallible);
    z
}

/// [`map_by_chunks`] with a map that can fail, and that computes as it says.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::bulk::{Work, by_chunks};
/// use thalweg_flow::{Continuous, FlowError, Noise, TimeMlpConfig};
///
/// let device = Device::default();
/// let field = TimeMlpConfig::new(2, vec![8]).init(&mut Noise::seeded(0), &device);
/// let x = Tensor::<2>::ones([2000, 2], &device);
/// // The divergence is derived along both features.
/// let work = Work::Chains { copies: 2 };
/// let z = by_chunks(&Continuous::new(field), &(), x, work, |layer, x, context| {
///     Ok::<_, FlowError>(layer.try_forward(x, context)?.value)
/// })?;
/// assert_eq!(z.dims(), [2000, 2]);
/// # Ok::<(), FlowError>(())
/// ```
///
/// # Errors
///
/// That of the first chunk that fails.
///
/// # Panics
///
/// As [`map_by_chunks`].
pub fn by_chunks<M: Module, C: Condition, X: Variable, Z: Variable, E: Send>(
    module: &M,
    context: &C,
    x: X,
    work: Work,
    map: impl Fn(&M, X, &C) -> Result<Z, E> + Sync,
) -> Result<Z, E> {
    let count = rows(&x);
    // A probe sees the layers that run on its own thread.
    if count <= LEAST || probe::is_active() {
        return map(module, x, context);
    }
    let Some(Size { chunk, route }) = Size::of(module, &x, count, work) else {
        return map(module, x, context);
    };
    // Owned copies, cheap since tensors are shared: neither modules nor conditions need to be `Sync`.
    let (module, context) = (module.clone(), context.clone());
    let parts = (0..count.div_ceil(chunk)).map(move |index| {
        let range = index * chunk..count.min((index + 1) * chunk);
        let part = x.clone().map(&mut Rows(range.clone()));
        let context = context.part_of(range.clone(), count);
        (range, module.clone(), part, context)
    });
    let joined = Mutex::new(Joined::new(count));
    let lock = || joined.lock().unwrap_or_else(PoisonError::into_inner);
    route.run(parts, |(range, module, part, context)| {
        if lock().has_failed_before(range.start) {
            return;
        }
        let found = map(&module, part, &context);
        lock().add(range, found);
    });
    let joined = joined.into_inner().unwrap_or_else(PoisonError::into_inner);
    joined.finish()
}

/// Numbers of a piece of [`pieces`]: 16 MB in f32, of which a few lie in any memory.
const PIECE: usize = 1 << 22;

/// The rows of `count` samples of this many numbers, in pieces of some megabytes: for samples that are too many
/// for the memory together.
///
/// ```
/// let pieces: Vec<_> = thalweg_flow::bulk::pieces(3_000_000, 6).collect();
/// assert_eq!(pieces.iter().map(|rows| rows.len()).sum::<usize>(), 3_000_000);
/// assert!(pieces.len() > 1);
/// ```
pub fn pieces(count: usize, numbers: usize) -> impl Iterator<Item = Range<usize>> + use<> {
    let rows = (PIECE / numbers.max(1)).max(1);
    (0..count)
        .step_by(rows)
        .map(move |start| start..count.min(start + rows))
}

/// A range of the rows.
struct Rows(Range<usize>);

impl TensorMap for Rows {
    fn map<const D: usize>(&mut self, tensor: Tensor<D>) -> Tensor<D> {
        tensor.narrow(0, self.0.start, self.0.len())
    }
}
