//! Gradients without a tape: memory that does not grow with the depth of a flow.

mod checksum;
mod coupling;
mod drive;
mod keep;
mod pass;
mod report;
mod trail;
mod way_back;

pub(crate) use coupling::through_coupling;
pub use report::Report;
pub use trail::Checkpoints;
pub use way_back::{BackwardPass, WithGradient};

use std::collections::BTreeSet;
use std::sync::Mutex;

/// How far an input may drift by default, relative to its size.
const TOLERANCE: f64 = 1e-5;

/// Finds gradients of a flow without a tape: forward leaving checksums alone, then layer by layer
/// backward: the layer's input by its inverse, the layer once more with a tape of its own, the
/// gradient through that.
///
/// Autodiff keeps what every layer computed; this keeps what one does, so the memory of a step is
/// that of the widest layer, however deep the flow. It costs one more evaluation of each coupling's
/// network, and the gradients are those of autodiff up to the rounding of the inverses.
///
/// That rounding is watched. A checksum of each sample before each layer is compared with that of the
/// way there; where it is further off than the [`tolerance`](Self::tolerance), the pass is made
/// again with that layer's input kept, from then on in each pass. No gradient beyond the tolerance
/// is given out, and [`report`](Self::report) counts what was repeated. With all inputs kept there
/// is nothing to invert, so this ends.
///
/// | how much is kept | |
/// |---|---|
/// | [`new`](Self::new) | the least |
/// | [`every`](Self::every) | the input of each n-th layer; of each one: no layer is inverted |
/// | [`within`](Self::within) | as many inputs as fit into a budget |
///
/// A layer is what a chain applies as one: each member of a tuple, a `Vec`, a
/// [`chain!`](crate::chain), a [`MultiScale`](crate::MultiScale), also behind an
/// [`Embedded`](crate::Embedded). [`Inverted`](crate::Inverted) is one layer, whatever is inside.
///
/// ```
/// use burn::module::Module;
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{DiagonalScale, Flow, Reversible, base::StandardNormal};
///
/// let device = Device::default();
/// let layers = vec![DiagonalScale::<2>::new(3, &device); 4];
/// let flow = Flow::new(layers, StandardNormal::new(3)).train();
/// let how = Reversible::new();
/// let x = Tensor::ones([5, 3], &device);
/// let (loss, gradients) =
///     flow.loss_and_gradients(x, &how, |log_prob| log_prob.mean().neg());
/// assert_eq!((loss.dims(), how.report().layers), ([1], 4));
/// # assert_eq!(gradients.len(), 1); // the four copies are one parameter
/// ```
///
/// What is kept after a drift is remembered from pass to pass, not saved with a run: one that goes
/// on from a file agrees with one that was never stopped up to rounding.
///
/// # References
///
/// Gomez, Ren, Urtasun, Grosse: *The reversible residual network: Backpropagation without storing
/// activations*, 2017, section 3.2.
#[derive(Debug)]
pub struct Reversible {
    store: Store,
    tolerance: f64,
    memory: Mutex<Memory>,
}

#[derive(Debug, Clone, Copy)]
enum Store {
    Nothing,
    Every(usize),
    Within(usize),
}

/// What earlier passes have shown.
#[derive(Debug, Default, Clone)]
struct Memory {
    anchors: BTreeSet<usize>,
    report: Report,
}

impl Reversible {
    /// Keeps no input but what drift asks for.
    pub fn new() -> Self {
        Self::storing(Store::Nothing)
    }

    /// Keeps the input of every n-th layer, from the first on.
    ///
    /// # Panics
    ///
    /// For 0.
    pub fn every(layers: usize) -> Self {
        assert!(
            layers > 0,
            "inputs cannot be kept every 0 layers; use 1 for all"
        );
        Self::storing(Store::Every(layers))
    }

    /// Keeps as many inputs as fit into so many bytes, evenly along the flow: each saves the
    /// inversion of its layer. Drift comes first: what it asks for is kept beyond the budget, and
    /// [`Report::kept_bytes`] says how much it is.
    ///
    /// The budget is for inputs alone; a step needs the gradients and the tape of one layer besides.
    pub fn within(bytes: usize) -> Self {
        Self::storing(Store::Within(bytes))
    }

    fn storing(store: Store) -> Self {
        Self {
            store,
            tolerance: TOLERANCE,
            memory: Mutex::default(),
        }
    }

    /// How far an input may be from what was seen, relative to its size; 1e-5 unless said
    /// otherwise. Gradients are off by about that much times what the layers stretch.
    ///
    /// # Panics
    ///
    /// Unless it is positive.
    pub fn tolerance(self, tolerance: f64) -> Self {
        assert!(
            tolerance > 0.0,
            "inputs cannot agree better than exactly: a tolerance is positive, got {tolerance}"
        );
        Self { tolerance, ..self }
    }

    /// What the passes so far did.
    pub fn report(&self) -> Report {
        self.remembered().report
    }
}

impl Default for Reversible {
    fn default() -> Self {
        Self::new()
    }
}

const CONSTANT: &str = "data and contexts of a pass without a tape are constants, and these carry \
                        a gradient: embed the context by `Embedded`, or use autodiff";
