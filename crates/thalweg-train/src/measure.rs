use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::Tensor;

use thalweg_kernels::wide;
use thalweg_optim::{BoxError, EvaluationError};

/// The return type of a measuring closure: a number, or a `Result` of one.
///
/// ```
/// use thalweg_train::Measurement;
///
/// assert_eq!(0.5.value().unwrap(), 0.5);
/// assert!("x".parse::<f64>().value().is_err());
/// ```
pub trait Measurement {
    /// The number.
    ///
    /// # Errors
    /// The error of the closure.
    fn value(self) -> Result<f64, BoxError>;
}

impl Measurement for f64 {
    fn value(self) -> Result<f64, BoxError> {
        Ok(self)
    }
}

impl Measurement for f32 {
    fn value(self) -> Result<f64, BoxError> {
        Ok(f64::from(self))
    }
}

impl<T: Measurement, E: Into<BoxError>> Measurement for Result<T, E> {
    fn value(self) -> Result<f64, BoxError> {
        self.map_err(Into::into)?.value()
    }
}

/// A closure that measures a model, which it gets in validation mode.
pub(crate) type Measuring<'a, M> = Box<dyn FnMut(&M) -> Result<f64, BoxError> + 'a>;

pub(crate) fn boxed<'a, M: Module, R: Measurement>(
    mut measure: impl FnMut(&M) -> R + 'a,
) -> Measuring<'a, M> {
    Box::new(move |model| measure(&model.valid()).value())
}

/// The largest absolute value among a model's parameters and running statistics: NaN if one is NaN,
/// 0 if there are none.
///
/// With [`Watch`](crate::Watch) it tells early of weights that grow without bound.
///
/// ```
/// use burn::nn::LinearConfig;
/// use burn::tensor::Device;
/// use thalweg_train::largest_weight;
///
/// let layer = LinearConfig::new(4, 3).init(&Device::default());
/// let largest = largest_weight(&layer)?;
/// assert!(0.0 < largest && largest <= 0.5); // 1/√4
/// # Ok::<(), thalweg_optim::EvaluationError>(())
/// ```
///
/// # Errors
/// [`EvaluationError::Read`], when the device does not hand it over.
pub fn largest_weight<M: Module>(model: &M) -> Result<f64, EvaluationError> {
    struct Largest(Vec<Tensor<1>>);
    impl ModuleVisitor for Largest {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let value = param.val().inner();
            let dtype = wide(value.dtype());
            let largest = value.abs().max().cast(dtype);
            self.0.push(match self.0.first() {
                None => largest,
                Some(first) => largest.to_device(&first.device()).cast(first.dtype()),
            });
        }
    }
    let mut largest = Largest(Vec::new());
    model.valid().visit(&mut largest);
    if largest.0.is_empty() {
        return Ok(0.0);
    }
    let values = Tensor::cat(largest.0, 0).try_into_vec_as::<f64>()?;
    // Unlike `f64::max`, this keeps NaN.
    let larger = |a: f64, b: f64| if b > a || b.is_nan() { b } else { a };
    Ok(values.into_iter().reduce(larger).unwrap_or(0.0))
}
