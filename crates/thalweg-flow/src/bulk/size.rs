//! The rows of a chunk.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{DType, Tensor};
use thalweg_kernels::{is_on_host, share_whole, threads};

use crate::{TensorMap, Variable};

/// Rows that are never divided.
pub(super) const LEAST: usize = 16;

/// How a map of a batch computes, which decides where chunks help it.
///
/// See [`by_chunks`](super::by_chunks) for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// By fused operations, which share the rows of a batch among threads and keep their activations in the
    /// caches. Chunks bound the memory of a batch of many; with few of them, cores would wait for the last.
    Fused,
    /// By chains of tensor operations, which leave cores idle, with this many activations of a layer for each
    /// row: a derivative along several directions has one for each. Several chunks are faster than one batch.
    Chains {
        /// 1 or more.
        copies: usize,
    },
}

impl Work {
    /// Numbers of a chunk's widest activation on the host, and the fewest chunks.
    ///
    /// A chunk's tensors are then one or two megabytes, which the caches hold. It takes milliseconds, beside which
    /// what a chunk costs, microseconds a layer, does not count.
    fn on_host(self) -> [usize; 2] {
        match self {
            Self::Fused => [1 << 19, 16],
            Self::Chains { .. } => [1 << 18, 2],
        }
    }
}

/// The same on other devices, which larger pieces of work keep busy: 256 MB in f32.
const ON_DEVICE: [usize; 2] = [1 << 26, 2];

/// The rows of a chunk, and who runs it.
pub(super) struct Size {
    pub(super) chunk: usize,
    pub(super) route: Route,
}

/// How chunks run.
#[derive(Clone, Copy)]
pub(super) enum Route {
    /// Side by side on the threads of the pool, each chunk on one.
    Threads,
    /// One after the other: operations share the work of each among threads, or those of the device.
    InTurn,
}

impl Size {
    /// For a batch of this many rows; `None` for one that stays whole, as one on a tape.
    pub(super) fn of<M: Module, X: Variable>(
        module: &M,
        x: &X,
        rows: usize,
        work: Work,
    ) -> Option<Self> {
        let (mut data, mut layers) = (Data::default(), Layers::default());
        x.clone().map(&mut data);
        if data.tracked {
            return None;
        }
        module.visit(&mut layers);
        if layers.tracked {
            return None;
        }
        // Fused operations are of f32.
        let work = match work {
            Work::Fused if data.dtype != Some(DType::F32) => Work::Chains { copies: 1 },
            work => work,
        };
        let on_host = data.on_host;
        let [numbers, fewest] = if on_host { work.on_host() } else { ON_DEVICE };
        let copies = match work {
            Work::Fused => 1,
            Work::Chains { copies } => copies,
        };
        let a_row = data.numbers.max(layers.widest * data.positions * copies);
        let chunk = (numbers / a_row.max(1)).max(LEAST);
        let chunks = rows.div_ceil(chunk);
        (chunks >= fewest).then_some(Self {
            chunk,
            // Fewer chunks than that would leave threads idle at the end, when all others are done.
            route: match on_host && (chunks >= 4 * threads() || matches!(work, Work::Chains { .. }))
            {
                true => Route::Threads,
                false => Route::InTurn,
            },
        })
    }
}

impl Route {
    /// Does `work` on each item.
    pub(super) fn run<T: Send>(
        self,
        items: impl ExactSizeIterator<Item = T> + Send,
        work: impl Fn(T) + Sync,
    ) {
        match self {
            Self::Threads => share_whole(items, work),
            Self::InTurn => items.for_each(work),
        }
    }
}

/// The sizes of a batch.
#[derive(Default)]
struct Data {
    /// Of one row, in all tensors.
    numbers: usize,
    /// Of one row, in the largest tensor: the pixels of an image.
    positions: usize,
    tracked: bool,
    on_host: bool,
    dtype: Option<DType>,
}

impl TensorMap for Data {
    fn map<const D: usize>(&mut self, tensor: Tensor<D>) -> Tensor<D> {
        let dims = tensor.dims();
        self.numbers += dims[1..].iter().product::<usize>();
        let positions = dims.iter().skip(2).product();
        self.positions = self.positions.max(positions);
        self.tracked |= tensor.is_tracked();
        self.on_host |= is_on_host(&tensor);
        self.dtype.get_or_insert(tensor.dtype());
        tensor
    }
}

/// The sizes of a module's layers.
#[derive(Default)]
struct Layers {
    /// The largest side of a weight: the features of the largest activation.
    widest: usize,
    tracked: bool,
}

impl ModuleVisitor for Layers {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let weight = param.val();
        self.tracked |= weight.is_tracked();
        if D >= 2 {
            let [inputs, outputs] = [weight.dims()[0], weight.dims()[1]];
            self.widest = self.widest.max(inputs).max(outputs);
        }
    }
}
