//! All trainable numbers of a module as one vector.

use std::ops::{Add, Mul};

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::{DType, Tensor};
use thalweg_kernels::{Norm, scale_to, scaled_dot, wide};
use thalweg_ode::Measure;

use crate::StateError;

/// A point θ, or a direction θ̇, in the space of a module's trainable parameters: one flat tensor for
/// each parameter, in the order of a visit of the module.
///
/// It adds and scales, so every integrator of `thalweg-ode` works on it.
///
/// ```
/// use burn::module::Module;
/// use burn::nn::LinearConfig;
/// use burn::tensor::Device;
/// use thalweg_optim::Parameters;
///
/// let layer = LinearConfig::new(2, 3).init(&Device::default().autodiff());
/// let theta = Parameters::of(&layer);
/// assert_eq!(theta.len(), 2 * 3 + 3);
/// let halved = (theta.clone() * 0.5).write(layer);
/// assert_eq!(Parameters::of(&halved).norm(), 0.5 * theta.norm());
/// // A frozen layer has no trainable number.
/// assert!(Parameters::of(&halved.no_grad()).is_empty());
/// ```
#[derive(Debug, Clone)]
pub struct Parameters {
    tensors: Vec<Tensor<1>>,
}

impl Parameters {
    /// The parameters of a module.
    pub fn of<M: Module>(module: &M) -> Self {
        struct Read(Vec<Tensor<1>>);
        impl ModuleVisitor for Read {
            fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
                if param.is_require_grad() {
                    self.0.push(plain(param.val()));
                }
            }
        }
        let mut read = Read(vec![]);
        module.visit(&mut read);
        Self { tensors: read.0 }
    }

    /// The gradient of a module's parameters, zero for those without one.
    ///
    /// ```
    /// use burn::nn::LinearConfig;
    /// use burn::optim::GradientsParams;
    /// use burn::tensor::Device;
    /// use thalweg_optim::Parameters;
    ///
    /// let layer = LinearConfig::new(2, 3).init(&Device::default().autodiff());
    /// let gradients = GradientsParams::from_grads(layer.weight.val().sum().backward(), &layer);
    /// let gradient = Parameters::gradient(&layer, gradients);
    /// // Ones for the weight, zeros for the bias.
    /// let sums = gradient.tensors().iter().map(|tensor| tensor.clone().sum().into_scalar::<f32>());
    /// assert_eq!(sums.collect::<Vec<_>>(), [6.0, 0.0]);
    /// ```
    pub fn gradient<M: Module>(module: &M, mut gradients: GradientsParams) -> Self {
        struct Read<'a>(Vec<Tensor<1>>, &'a mut GradientsParams);
        impl ModuleVisitor for Read<'_> {
            fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
                if param.is_require_grad() {
                    let gradient = self.1.remove::<D>(param.id);
                    self.0.push(match gradient {
                        Some(gradient) => plain(gradient),
                        None => plain(param.val()).zeros_like(),
                    });
                }
            }
        }
        let mut read = Read(vec![], &mut gradients);
        module.visit(&mut read);
        Self { tensors: read.0 }
    }

    /// The path of each trainable parameter in a module, in the order of the tensors.
    ///
    /// ```
    /// use burn::nn::LinearConfig;
    /// use burn::tensor::Device;
    /// use thalweg_optim::Parameters;
    ///
    /// let layer = LinearConfig::new(2, 3).init(&Device::default().autodiff());
    /// assert_eq!(Parameters::paths(&layer), ["weight", "bias"]);
    /// ```
    pub fn paths<M: Module>(module: &M) -> Vec<String> {
        #[derive(Default)]
        struct Read {
            path: Vec<String>,
            found: Vec<String>,
        }
        impl ModuleVisitor for Read {
            fn enter_module(&mut self, name: &str, _: &str) {
                self.path.push(name.to_owned());
            }

            fn exit_module(&mut self, _: &str, _: &str) {
                self.path.pop();
            }

            fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
                if param.is_require_grad() {
                    self.found.push(self.path.join("."));
                }
            }
        }
        let mut read = Read::default();
        module.visit(&mut read);
        read.found
    }

    /// From one flat tensor for each parameter.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_optim::Parameters;
    ///
    /// let vector = |numbers: [f32; 2]| {
    ///     Parameters::from_tensors(vec![Tensor::from_floats(numbers, &Device::default())])
    /// };
    /// let (a, b) = (vector([3.0, 4.0]), vector([1.0, 2.0]));
    /// assert_eq!((a.norm(), a.dot(&b)), (5.0, 11.0));
    /// let larger = a.zip(b, |a, b| a.max_pair(b)).map(|tensor| tensor * 2.0);
    /// assert_eq!(larger.into_tensors()[0].to_data().try_to_vec::<f32>().unwrap(), [6.0, 8.0]);
    /// ```
    pub fn from_tensors(tensors: Vec<Tensor<1>>) -> Self {
        Self { tensors }
    }

    /// One flat tensor for each parameter.
    pub fn tensors(&self) -> &[Tensor<1>] {
        &self.tensors
    }

    /// One flat tensor for each parameter.
    pub fn into_tensors(self) -> Vec<Tensor<1>> {
        self.tensors
    }

    /// The number of numbers.
    pub fn len(&self) -> usize {
        self.tensors.iter().map(|tensor| tensor.dims()[0]).sum()
    }

    /// Whether there is no trainable parameter.
    pub fn is_empty(&self) -> bool {
        self.tensors.is_empty()
    }

    /// The module with these parameters.
    ///
    /// # Panics
    ///
    /// Where the module has other trainable parameters than these were read from.
    pub fn write<M: Module>(self, module: M) -> M {
        struct Write(std::vec::IntoIter<Tensor<1>>);
        impl ModuleMapper for Write {
            fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
                if !param.is_require_grad() {
                    return param;
                }
                let value = self.0.next().expect("the module has more parameters");
                param.map(|old| {
                    let new = value.reshape(old.dims());
                    match old.is_autodiff() {
                        true => new.autodiff().require_grad(),
                        false => new,
                    }
                })
            }
        }
        let mut write = Write(self.tensors.into_iter());
        let module = module.map(&mut write);
        assert!(write.0.next().is_none(), "the module has fewer parameters");
        module
    }

    /// A function of each tensor.
    pub fn map(self, function: impl FnMut(Tensor<1>) -> Tensor<1>) -> Self {
        Self {
            tensors: self.tensors.into_iter().map(function).collect(),
        }
    }

    /// A function of each tensor and its counterpart.
    pub fn zip(
        self,
        other: Self,
        mut function: impl FnMut(Tensor<1>, Tensor<1>) -> Tensor<1>,
    ) -> Self {
        let pairs = self.tensors.into_iter().zip(other.tensors);
        Self {
            tensors: pairs.map(|(a, b)| function(a, b)).collect(),
        }
    }

    /// `⟨a, b⟩`, by one read from the device where all parameters have one device and type. Products in
    /// the host's memory are summed in f64.
    pub fn dot(&self, other: &Self) -> f64 {
        let pairs = || self.tensors.iter().zip(&other.tensors);
        let known = pairs().map(|(a, b)| scaled_dot(a.clone(), b.clone(), [1.0, 1.0]));
        if let Some(known) = known.collect::<Option<Vec<f64>>>() {
            return known.into_iter().sum();
        }
        let sums: Vec<Tensor<1>> = pairs()
            .map(|(a, b)| {
                let dtype = wide(a.dtype());
                (a.clone().cast(dtype) * b.clone().cast(dtype)).sum()
            })
            .collect();
        let kind = |sum: &Tensor<1>| (sum.device(), sum.dtype());
        let read = |sums: Tensor<1>| -> f64 { sums.into_data().iter::<f64>().sum() };
        match sums.windows(2).all(|pair| kind(&pair[0]) == kind(&pair[1])) && !sums.is_empty() {
            true => read(Tensor::cat(sums, 0)),
            false => sums.into_iter().map(read).sum(),
        }
    }

    /// `‖a‖`, read from the device. Not finite where one of the numbers is not. Only a norm outside the
    /// range of f64 overflows or vanishes.
    pub fn norm(&self) -> f64 {
        Norm::of(&self.tensors).read()
    }

    /// `a · length / norm`, for the positive norm of `a`. Exact also where the factor overflows or
    /// vanishes in the tensors' type.
    pub(crate) fn scale_to(self, length: f64, norm: f64) -> Self {
        self.map(|tensor| scale_to(tensor, length, norm))
    }

    /// Checks that another vector has as many tensors, of these lengths and types.
    pub(crate) fn check_like(&self, name: &str, other: &Self) -> Result<(), StateError> {
        let (own, others) = (&self.tensors, &other.tensors);
        if own.len() != others.len() {
            return Err(StateError::unusable(
                name,
                format!(
                    "it is of {} parameters that train, the model has {}",
                    own.len(),
                    others.len()
                ),
            ));
        }
        let differ = own
            .iter()
            .zip(others)
            .enumerate()
            .find(|(_, (a, b))| (a.dims(), a.dtype()) != (b.dims(), b.dtype()));
        match differ {
            None => Ok(()),
            Some((index, (a, b))) => Err(StateError::unusable(
                name,
                format!(
                    "of the parameter with index {index} it has {} numbers of {:?}, the model {} of {:?}",
                    a.dims()[0],
                    a.dtype(),
                    b.dims()[0],
                    b.dtype()
                ),
            )),
        }
    }
}

fn plain<const D: usize>(tensor: Tensor<D>) -> Tensor<1> {
    let tensor = match tensor.is_autodiff() {
        true => tensor.inner(),
        false => tensor,
    };
    let numbers: usize = tensor.dims().iter().product();
    tensor.reshape([numbers])
}

impl Add for Parameters {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        self.zip(other, |a, b| a + b)
    }
}

impl Mul<f64> for Parameters {
    type Output = Self;

    fn mul(self, factor: f64) -> Self {
        self.map(|tensor| tensor.mul_scalar(factor))
    }
}

/// The mean product of two numbers: norms and tolerances are for one number, whatever the size of the
/// module.
pub(crate) struct PerNumber {
    rounding: f64,
}

impl PerNumber {
    /// For vectors like this one, with the rounding of its coarsest type.
    pub(crate) fn of(theta: &Parameters) -> Self {
        let double = |dtype| matches!(dtype, DType::F64);
        let all_double = theta.tensors().iter().all(|tensor| double(tensor.dtype()));
        Self {
            rounding: match all_double {
                true => f64::EPSILON,
                false => f64::from(f32::EPSILON),
            },
        }
    }
}

impl Measure<Parameters> for PerNumber {
    fn dot(&self, a: &Parameters, b: &Parameters) -> f64 {
        a.dot(b) / a.len() as f64
    }

    fn norm(&self, a: &Parameters) -> f64 {
        a.norm() / (a.len() as f64).sqrt()
    }

    fn is_finite(&self, y: &Parameters) -> bool {
        y.norm().is_finite()
    }

    fn rounding(&self) -> f64 {
        self.rounding
    }
}
