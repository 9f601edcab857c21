//! Gradients of a flow, pass by pass.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use burn::optim::GradientsParams;
use burn::tensor::Tensor;

use super::keep::{Budget, Keep, Policy};
use super::pass::{Pass, Passed};
use crate::{Base, Bijection, Flow, Variable, warnings};

/// The default relative drift.
const TOLERANCE: f64 = 1e-5;

/// Computes gradients of a flow without a tape. The forward pass saves a checksum of each layer's
/// input. The backward pass finds each input by the layer's inverse, evaluates the layer again on a
/// tape of its own, and backpropagates through that.
///
/// A step needs the memory of the widest layer, whatever the depth. It costs one more evaluation of
/// each coupling's network, and its gradients are those of autodiff up to the rounding of the
/// inverses.
///
/// The checksums watch that rounding. Where an input is further off than the
/// [`tolerance`](Self::tolerance), the pass is repeated with that input saved, and saved from then
/// on. No gradient beyond the tolerance is returned, and [`report`](Self::report) counts the
/// repetitions.
///
/// | constructor | saved inputs |
/// |---|---|
/// | [`new`](Self::new) | none but those that drifted |
/// | [`every`](Self::every) | every n-th layer's; 1 saves all and inverts none |
/// | [`within`](Self::within) | as many as fit into a budget |
///
/// A layer is a member of a tuple, a `Vec`, a [`chain!`](crate::chain) or a
/// [`MultiScale`](crate::MultiScale), also inside an [`Embedded`](crate::Embedded).
/// [`Inverted`](crate::Inverted) is one layer, whatever is inside. The input of an
/// [`Autoregressive`](crate::Autoregressive) layer is always saved, since its inverse is slow. A
/// [`Continuous`](crate::Continuous) flow has a layer for each step, and always saves their inputs: no inverse
/// finds them again.
///
/// ```
/// use burn::module::Module;
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::invertible_backprop::Report;
/// use thalweg_flow::{DiagonalScale, Flow, Reversible, base::StandardNormal};
///
/// let device = Device::default();
/// let layers = vec![DiagonalScale::<2>::new(3, &device); 4];
/// let flow = Flow::new(layers, StandardNormal::new(3)).train();
/// let how = Reversible::new().tolerance(1e-6);
/// let x = Tensor::ones([5, 3], &device);
/// let (loss, gradients) =
///     flow.loss_and_gradients(x, &how, |log_prob| log_prob.mean().neg());
/// let Report { layers, kept, drift, .. } = how.report();
/// assert_eq!((loss.dims(), layers, kept), ([1], 4, 0));
/// assert!(drift <= 1e-6);
/// # assert_eq!(gradients.len(), 1); // the four copies are one parameter
/// ```
///
/// The list of layers that drifted is not part of a saved run: a resumed run agrees with an
/// uninterrupted one up to rounding.
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

/// The findings of earlier passes.
#[derive(Debug, Default, Clone)]
struct Memory {
    anchors: BTreeSet<usize>,
    report: Report,
}

impl Reversible {
    /// Saves no input but those that drifted.
    pub fn new() -> Self {
        Self::storing(Store::Nothing)
    }

    /// Saves the input of every n-th layer, from the first on.
    ///
    /// ```
    /// use burn::module::Module;
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{DiagonalScale, Flow, Reversible, base::StandardNormal};
    ///
    /// let device = Device::default();
    /// let flow = Flow::new(vec![DiagonalScale::<2>::new(3, &device); 4], StandardNormal::new(3)).train();
    /// let how = Reversible::every(2);
    /// flow.loss_and_gradients(Tensor::ones([5, 3], &device), &how, |log_prob| log_prob.mean().neg());
    /// assert_eq!((how.report().layers, how.report().kept), (4, 2));
    /// ```
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

    /// Saves as many inputs as fit into `bytes`, evenly along the flow. Inputs that drifted, and those of
    /// layers that are always kept, are saved beyond the budget; [`Report::kept_bytes`] is the total.
    ///
    /// The budget excludes the gradients and the tape of one layer.
    ///
    /// ```
    /// use burn::module::Module;
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{DiagonalScale, Flow, Reversible, base::StandardNormal};
    ///
    /// let device = Device::default();
    /// let flow = Flow::new(vec![DiagonalScale::<2>::new(3, &device); 4], StandardNormal::new(3)).train();
    /// // Room for two inputs of 5 rows of 3 numbers.
    /// let how = Reversible::within(2 * 5 * 3 * 4);
    /// flow.loss_and_gradients(Tensor::ones([5, 3], &device), &how, |log_prob| log_prob.mean().neg());
    /// assert!(how.report().kept_bytes <= 120 && how.report().all_bytes == 240);
    /// ```
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

    /// The largest accepted drift of an input, relative to its size; 1e-5 by default. The error of a
    /// gradient is about that times the layers' Lipschitz constants.
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

    /// Statistics of the passes so far.
    pub fn report(&self) -> Report {
        self.remembered().report
    }

    fn remembered(&self) -> Memory {
        let memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.clone()
    }

    /// See [`Flow::loss_and_gradients`].
    pub(crate) fn differentiate<C, B, P>(
        &self,
        flow: &Flow<B, P>,
        context: &C,
        x: B::Data,
        loss: impl Fn(Tensor<1>) -> Tensor<1>,
    ) -> (Tensor<1>, GradientsParams)
    where
        B: Bijection<C>,
        P: Base<C, Latent = B::Latent>,
    {
        assert!(!x.is_tracked(), "{CONSTANT}");
        let pass = Pass {
            flow,
            context,
            x,
            loss,
        };
        let mut memory = self.remembered();
        if matches!(self.store, Store::Within(_)) && memory.report.all_bytes == 0 {
            memory.report.all_bytes = pass.bytes();
        }
        let mut repeated = 0;
        let passed = loop {
            let passed = pass.run(self.keep(&memory));
            let Some((layer, drift)) = passed.first_beyond(self.tolerance) else {
                break passed;
            };
            warnings::tell(&format!(
                "layer {layer} of the flow was inverted with an error of {drift:.1e}, more than \
                 {:.1e}: its input is kept from now on",
                self.tolerance
            ));
            memory.anchors.insert(layer);
            repeated += 1;
        };
        self.remember(memory, &passed, repeated);
        (passed.loss, passed.gradients)
    }

    fn keep(&self, memory: &Memory) -> Keep {
        let policy = match self.store {
            Store::Nothing => Policy::Nothing,
            Store::Every(layers) => Policy::Every(layers),
            Store::Within(bytes) => Policy::Within(Budget::new(bytes, memory.report.all_bytes)),
        };
        Keep {
            policy,
            anchors: memory.anchors.clone(),
        }
    }

    /// Merges the result of a pass with those of other threads.
    fn remember(&self, found: Memory, passed: &Passed, repeated: usize) {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.anchors.extend(found.anchors);
        memory.report = Report {
            passes: memory.report.passes + 1,
            repeated: memory.report.repeated + repeated,
            layers: passed.layers,
            kept: passed.kept,
            anchors: memory.anchors.iter().copied().collect(),
            kept_bytes: passed.kept_bytes,
            all_bytes: passed.all_bytes,
            drift: passed.drift(),
        };
    }
}

impl Default for Reversible {
    fn default() -> Self {
        Self::new()
    }
}

/// The passes of a [`Reversible`]: totals, and figures of the last pass.
///
/// See [`Reversible`] and [`Reversible::within`] for an example.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Report {
    /// Gradients returned so far.
    pub passes: usize,
    /// Passes repeated because an input had drifted too far.
    pub repeated: usize,
    /// Layers of the flow: the members of its chains, and each step of a
    /// [`Continuous`](crate::Continuous) flow.
    pub layers: usize,
    /// Layers whose input the last pass saved, anchors included.
    pub kept: usize,
    /// Indices of the layers whose input is saved because it drifted too far.
    pub anchors: Vec<usize>,
    /// Bytes of the inputs that the last pass saved.
    pub kept_bytes: usize,
    /// Bytes of the inputs of all layers.
    pub all_bytes: usize,
    /// The largest relative drift of an input in the last pass.
    pub drift: f64,
}

pub(super) const CONSTANT: &str = "data and contexts of a pass without a tape are constants, and these carry \
                        a gradient: embed the context by `Embedded`, or use autodiff";
