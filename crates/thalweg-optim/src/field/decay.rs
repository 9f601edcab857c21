//! Weight decay, and rates and decays by parameter.

use burn::module::Module;

use crate::{EvaluationError, Field, Operand, Parameters, Point, Rule, StateError, Update};

/// Weight decay around a rule.
///
/// ```
/// # use burn::module::{Module, Param};
/// # use burn::tensor::{Device, Tensor};
/// # #[derive(Module, Debug)]
/// # struct Bowl { x: Param<Tensor<1>> }
/// # let x = Tensor::ones([1], &Device::default().autodiff());
/// # let model = Bowl { x: Param::from_tensor(x) };
/// use thalweg_optim::{Descent, Evaluation, Minimizer, field::{Decay, Sign}};
///
/// // From x = 10 with the gradient 1 and λ = 0.1, by steps of 1.
/// # let model = Bowl { x: Param::from_tensor(Tensor::full([1], 10.0, &Device::default().autodiff())) };
/// let mut objective = |model: &Bowl| Evaluation::new(model.x.val() * 1.0, model);
/// let mut step = |rule| {
///     let (model, _) = Descent::euler(rule).step(1.0, model.clone(), &mut objective);
///     model.x.val().into_scalar::<f32>()
/// };
/// assert!((step(Decay::coupled(Sign, 0.1)) - 9.0).abs() < 1e-5); // x − sign(1 + λx)
/// assert!((step(Decay::decoupled(Sign, 0.1)) - 8.0).abs() < 1e-5); // x − sign(1) − λx
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decay<R> {
    rule: R,
    rate: f64,
    coupled: bool,
}

impl<R: Rule> Decay<R> {
    /// The rule sees `∇L + λθ`: the gradient of `L + λ‖θ‖²/2`.
    pub fn coupled(rule: R, rate: f64) -> Self {
        Self {
            rule,
            rate,
            coupled: true,
        }
    }

    /// The rule sees `∇L`, and `λθ` is added to its direction: AdamW, around [`Adam`](super::Adam).
    pub fn decoupled(rule: R, rate: f64) -> Self {
        Self {
            rule,
            rate,
            coupled: false,
        }
    }
}

impl<R: Rule> Rule for Decay<R> {
    const AVERAGES: usize = R::AVERAGES;

    fn update<N: Operand>(&self, step: u64) -> impl Update<N> {
        let (rule, coupled) = (self.rule.update(step), self.coupled);
        let rate = N::constant(self.rate);
        move |theta: N, gradient: N, averages: [&mut N; 2]| {
            let decay = theta.clone() * rate;
            match coupled {
                true => rule(theta, gradient + decay, averages),
                false => rule(theta, gradient, averages) + decay,
            }
        }
    }

    /// With the rate where the rule averages the decay too.
    fn name(&self) -> String {
        let rule = Rule::name(&self.rule);
        match self.coupled && self.rate != 0.0 {
            true => format!("{rule} of gradients with decay {}", self.rate),
            false => rule,
        }
    }

    fn squares(&self) -> bool {
        Rule::squares(&self.rule)
    }
}

/// A field with a rate and a weight decay for each parameter: `rᵢ dᵢ + λᵢ θᵢ`. A rate of 0 freezes.
///
/// Parameters are known by their paths in the module, such as `layers.0.weight`.
///
/// ```
/// use burn::nn::LinearConfig;
/// use burn::tensor::Device;
/// use thalweg_optim::{Descent, field::{Adam, Groups}};
///
/// let layer = LinearConfig::new(2, 3).init(&Device::default().autodiff());
/// let field = Groups::new(Adam::default(), &layer)
///     .rates(|path| if path == "bias" { 2.0 } else { 1.0 })
///     .decays(|path| if path == "weight" { 0.01 } else { 0.0 });
/// let adamw = Descent::euler(field);
/// # let _ = adamw;
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Groups<F> {
    field: F,
    paths: Vec<String>,
    rates: Vec<f64>,
    decays: Vec<f64>,
}

impl<F: Field> Groups<F> {
    /// A rate of 1 and no decay for all parameters of a module.
    pub fn new<M: Module>(field: F, module: &M) -> Self {
        let paths = Parameters::paths(module);
        Self {
            field,
            rates: vec![1.0; paths.len()],
            decays: vec![0.0; paths.len()],
            paths,
        }
    }

    /// The rate of each parameter, by its path.
    pub fn rates(mut self, rate: impl Fn(&str) -> f64) -> Self {
        self.rates = self.paths.iter().map(|path| rate(path)).collect();
        self
    }

    /// The decoupled weight decay of each parameter, by its path.
    pub fn decays(mut self, decay: impl Fn(&str) -> f64) -> Self {
        self.decays = self.paths.iter().map(|path| decay(path)).collect();
        self
    }
}

impl<F: Field> Field for Groups<F> {
    type Memory = F::Memory;

    /// # Panics
    ///
    /// Where the point and the module of [`Groups::new`] differ in their number of parameters.
    fn direction(
        &self,
        memory: &F::Memory,
        point: Point<'_>,
        gradient: Parameters,
    ) -> Result<(Parameters, F::Memory), EvaluationError> {
        let theta = point.theta.tensors();
        assert_eq!(
            theta.len(),
            self.rates.len(),
            "groups made for a module of {} parameters met one of {}",
            self.rates.len(),
            theta.len()
        );
        let (direction, memory) = self.field.direction(memory, point, gradient)?;
        let groups = self.rates.iter().zip(&self.decays).zip(theta);
        let directions = direction.into_tensors().into_iter().zip(groups);
        let directions = directions.map(|(direction, ((rate, decay), theta))| {
            let direction = match *rate == 1.0 {
                true => direction,
                false => direction.mul_scalar(*rate),
            };
            match *decay == 0.0 {
                true => direction,
                false => direction + theta.clone().mul_scalar(*decay),
            }
        });
        let direction = Parameters::from_tensors(directions.collect());
        Ok((direction, memory))
    }

    fn name(&self) -> String {
        self.field.name()
    }

    fn squares(&self) -> bool {
        self.field.squares()
    }

    fn check_memory(&self, memory: &F::Memory, theta: &Parameters) -> Result<(), StateError> {
        self.field.check_memory(memory, theta)
    }
}
