//! Whether numbers are finite: gradients, weights and averages alike.

mod checks;

pub use checks::{Checks, wrote};

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::{DType, Tensor};
use thalweg_kernels::{Magnitudes, largest_of, wide};

use crate::{EvaluationError, Loss};

/// Whether the numbers of many tensors are finite.
///
/// Known at once for tensors in the host's memory. Elsewhere it is one number on the device, which can
/// be read together with others.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_optim::finite::{Finite, tensors};
///
/// let numbers = Tensor::<1>::from_floats([1.0, f32::NAN], &Device::default());
/// let all: Finite = tensors(&[numbers.clone()]);
/// assert!(!all.read()?);
/// assert!(tensors(&[numbers.narrow(0, 0, 1)]).read()?);
/// # Ok::<(), thalweg_optim::EvaluationError>(())
/// ```
#[allow(clippy::large_enum_variant)] // there is one at a time
#[derive(Debug, Clone)]
pub enum Finite {
    /// Known.
    Known(bool),
    /// A number that is not 0 where they are finite, shape `[1]`.
    Asked(Tensor<1>),
}

impl Finite {
    /// The answer. It waits for the device if necessary.
    ///
    /// # Errors
    /// [`EvaluationError::Read`].
    pub fn read(self) -> Result<bool, EvaluationError> {
        match self {
            Self::Known(finite) => Ok(finite),
            Self::Asked(flag) => Ok(flag.try_into_scalar::<f64>()? != 0.0),
        }
    }
}

/// Gathers tensors, and checks them together.
#[derive(Default)]
struct Scan {
    /// Whether squares are checked.
    squares: bool,
    /// In the host's memory, and their types.
    held: (Magnitudes, Vec<DType>),
    elsewhere: Vec<Tensor<1>>,
}

impl Scan {
    fn at<const D: usize>(&mut self, x: &Tensor<D>) {
        let dtype = x.dtype();
        if self.held.0.push(x) {
            return self.held.1.push(dtype);
        }
        let x = x.clone();
        let x = if x.is_autodiff() { x.inner() } else { x };
        let x = match (self.squares, dtype) {
            (false, _) => x,
            (true, DType::F16) => x.square(),
            (true, _) => x.mul_scalar(1e3).square(),
        };
        self.elsewhere.push(x.reshape([-1]));
    }

    fn finite(self) -> Finite {
        let (held, types) = self.held;
        let mut largest = held.largest().into_iter().zip(types);
        let bad = largest.any(|(largest, dtype)| is_bad(largest, dtype, self.squares));
        let mut elsewhere = self.elsewhere.into_iter();
        let Some(first) = elsewhere.next().filter(|_| !bad) else {
            return Finite::Known(!bad);
        };
        let (device, dtype) = (first.device(), wide(first.dtype()));
        let others = elsewhere.map(|x| x.to_device(&device).cast(dtype));
        // One reduction for all of them.
        let all = Tensor::cat([first.cast(dtype)].into_iter().chain(others).collect(), 0);
        Finite::Asked(all.is_finite().all().float().cast(DType::F32))
    }
}

/// Whether a number is not finite. With `square`, whether a sum of a million of its squares overflows
/// in this type (one square in f16, which ends at 65504).
fn is_bad(x: f64, dtype: DType, square: bool) -> bool {
    let count = if dtype == DType::F16 { 1.0 } else { 1e6 };
    !x.is_finite() || (square && x.abs() > (largest_of(dtype) / count).sqrt())
}

/// The trainable parameters.
pub(crate) fn weights<M: Module>(model: &M) -> Finite {
    struct Weights(Scan);
    impl ModuleVisitor for Weights {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if param.is_require_grad() {
                self.0.at(&param.val());
            }
        }
    }
    let mut weights = Weights(Scan::default());
    model.visit(&mut weights);
    weights.0.finite()
}

/// The gradients, or their squares.
pub(crate) fn gradients<M: Module>(model: &M, grads: &GradientsParams, squares: bool) -> Finite {
    struct Gradients<'a>(Scan, &'a GradientsParams);
    impl ModuleVisitor for Gradients<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if let Some(grad) = self.1.get::<D>(param.id) {
                self.0.at(&grad);
            }
        }
    }
    let scan = Scan {
        squares,
        ..Scan::default()
    };
    let mut gradients = Gradients(scan, grads);
    model.visit(&mut gradients);
    gradients.0.finite()
}

/// Vectors.
///
/// See [`Finite`] for an example.
pub fn tensors(tensors: &[Tensor<1>]) -> Finite {
    let mut scan = Scan::default();
    for tensor in tensors {
        scan.at(tensor);
    }
    scan.finite()
}

/// The error of a gradient with a number that is not finite, or with `squares` one whose square
/// overflows; without such a number, of its norm. Reads from the device.
pub(crate) fn gradient_error<M: Module>(
    model: &M,
    grads: &GradientsParams,
    squares: bool,
    norm: f64,
    loss: &mut Loss,
) -> EvaluationError {
    let loss = match loss.read() {
        Ok(loss) => loss,
        Err(error) => return error,
    };
    let mut search = Search {
        grads: Some(grads),
        squares,
        ..Search::default()
    };
    model.visit(&mut search);
    let (parameter, value) = search.found.unwrap_or(("all together".into(), norm));
    match value.is_finite() {
        false => EvaluationError::NonFiniteGradient {
            parameter,
            value,
            loss,
        },
        true => EvaluationError::LargeGradient {
            parameter,
            value,
            loss,
        },
    }
}

/// The gradients of a model as vectors, in the order of a visit.
pub(crate) fn vectors<M: Module>(model: &M, grads: &GradientsParams) -> Vec<Tensor<1>> {
    struct Vectors<'a>(&'a GradientsParams, Vec<Tensor<1>>);
    impl ModuleVisitor for Vectors<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if let Some(grad) = self.0.get::<D>(param.id) {
                self.1.push(grad.reshape([-1]));
            }
        }
    }
    let mut vectors = Vectors(grads, vec![]);
    model.visit(&mut vectors);
    vectors.1
}

/// The path of the first float parameter that is not finite, running statistics and frozen parameters
/// included. Reads from the device.
///
/// ```
/// use burn::nn::LinearConfig;
/// use burn::tensor::Device;
/// use thalweg_optim::{Parameters, finite::bad_parameter};
///
/// let layer = LinearConfig::new(2, 3).init(&Device::default().autodiff());
/// assert_eq!(bad_parameter(&layer), None);
/// let broken = (Parameters::of(&layer) * f64::INFINITY).write(layer);
/// assert_eq!(bad_parameter(&broken).as_deref(), Some("weight"));
/// ```
pub fn bad_parameter<M: Module>(model: &M) -> Option<String> {
    let mut search = Search::default();
    // A copy, with current running statistics.
    model.valid().visit(&mut search);
    search.found.map(|(name, _)| name)
}

#[derive(Default)]
struct Search<'a> {
    path: Vec<String>,
    /// The search is over gradients, not parameters.
    grads: Option<&'a GradientsParams>,
    squares: bool,
    found: Option<(String, f64)>,
}

impl ModuleVisitor for Search<'_> {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if self.found.is_some() {
            return;
        }
        let x = match self.grads {
            None => Some(param.val()),
            Some(grads) => grads.get::<D>(param.id),
        };
        if let Some(x) = x {
            let name = || self.path.join(".");
            self.found = bad_number(x, self.squares).map(|number| (name(), number));
        }
    }
}

fn bad_number<const D: usize>(x: Tensor<D>, squares: bool) -> Option<f64> {
    let mut scan = Scan {
        squares,
        ..Scan::default()
    };
    scan.at(&x);
    let dtype = x.dtype();
    match scan.finite().read() {
        Ok(true) => None,
        Ok(false) => {
            let data = x.try_into_data().ok();
            let bad = |x: &f64| is_bad(*x, dtype, squares);
            let number = data.and_then(|data| data.iter::<f64>().find(bad));
            Some(number.unwrap_or(f64::NAN))
        }
        // A value that cannot be read counts as not finite.
        Err(_) => Some(f64::NAN),
    }
}
