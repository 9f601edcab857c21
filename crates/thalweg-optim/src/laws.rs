//! The laws that every [`Rule`] must obey, as a test suite for your own: [`RuleLaw`], [`check_all`],
//! and [`rule_laws!`](crate::rule_laws).

use std::ops::Range;

use burn::module::{Module, Param};
use burn::optim::{GradientsParams, ModuleOptimizer, Optimizer};
#[doc(hidden)]
pub use burn::tensor::{DType, Device};
use burn::tensor::{Tensor, TensorData};

use crate::euler::host;
use crate::{Euler, Memory, Remember, Rule, State};

/// A law of rules.
///
/// ```
/// use burn::tensor::{DType, Device};
/// use thalweg_optim::field::Adam;
/// use thalweg_optim::laws::RuleLaw;
///
/// for law in RuleLaw::ALL {
///     law.check(&Adam::default(), &Device::default(), DType::F64)?;
/// }
/// # Ok::<(), thalweg_optim::laws::Broken>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleLaw {
    /// The loop over numbers moves parameters like the chain of tensor operations, to `10⁻¹³` in f64
    /// and `2 · 10⁻⁵` in f32.
    FusedEqualsTensors,
    /// A run goes on to the bit after its memory was saved and loaded, as a [`State`] and as Burn's
    /// record.
    MemoryRoundTrip,
    /// Equal steps give equal bits, whatever the division between threads.
    Deterministic,
    /// Directions and averages are finite for gradients of zero, and for large ones: up to `10³⁰` in
    /// f32 and `10³⁰⁰` in f64, or the square root of that for a rule that [squares](Rule::squares).
    FiniteForLargeGradients,
    /// Directions and averages have the shape and the type of the parameter, and there are
    /// [`Rule::AVERAGES`] averages.
    ShapeAndTypeKept,
}

/// A rule breaks a law.
///
/// ```
/// use burn::tensor::{DType, Device, Tensor};
/// use thalweg_optim::laws::{RuleLaw, check_all};
/// use thalweg_optim::{Memory, Operand, Rule, Update};
///
/// /// The direction of tensors is not the one of numbers.
/// #[derive(Debug, Clone)]
/// struct Torn;
///
/// impl Rule for Torn {
///     const AVERAGES: usize = 0;
///
///     fn update<N: Operand>(&self, _: u64) -> impl Update<N> {
///         |_: N, g: N, _: [&mut N; 2]| g
///     }
///
///     fn direction<const D: usize>(
///         &self, memory: &Memory<D>, _: &Tensor<D>, gradient: Tensor<D>,
///     ) -> (Tensor<D>, Memory<D>) {
///         (gradient * 2.0, memory.clone())
///     }
/// }
///
/// let law = RuleLaw::FusedEqualsTensors;
/// let broken = law.check(&Torn, &Device::default(), DType::F32).unwrap_err();
/// assert_eq!(broken.law, law);
/// assert_eq!(check_all(&Torn, &Device::default()), Err(broken));
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{law:?}: {finding}")]
pub struct Broken {
    /// The law.
    pub law: RuleLaw,
    /// The rule, the type, the device and the difference.
    pub finding: String,
}

impl RuleLaw {
    /// Every law.
    pub const ALL: [Self; 5] = [
        Self::FusedEqualsTensors,
        Self::MemoryRoundTrip,
        Self::Deterministic,
        Self::FiniteForLargeGradients,
        Self::ShapeAndTypeKept,
    ];

    /// Checks a rule on a device, in f32 or f64.
    ///
    /// # Errors
    ///
    /// [`Broken`] with the difference.
    pub fn check<R: Rule>(self, rule: &R, device: &Device, dtype: DType) -> Result<(), Broken> {
        let place = (device, dtype);
        let found = match self {
            Self::FusedEqualsTensors => fused_equals_tensors(rule, place),
            Self::MemoryRoundTrip => memory_round_trip(rule, place),
            Self::Deterministic => deterministic(rule, place),
            Self::FiniteForLargeGradients => finite_for_large_gradients(rule, place),
            Self::ShapeAndTypeKept => shape_and_type_kept(rule, [5], place)
                .and_then(|()| shape_and_type_kept(rule, [3, 2], place))
                .and_then(|()| shape_and_type_kept(rule, [2, 1, 3, 2], place)),
        };
        found.map_err(|difference| Broken {
            law: self,
            finding: format!("{rule:?} in {dtype:?} on {device:?} {difference}"),
        })
    }
}

/// All laws on a device, in f32 and in f64.
///
/// See [`Rule`] and [`Broken`] for an example.
///
/// # Errors
///
/// The first law that the rule breaks.
pub fn check_all<R: Rule>(rule: &R, device: &Device) -> Result<(), Broken> {
    let both = RuleLaw::ALL.map(|law| [DType::F32, DType::F64].map(|dtype| (law, dtype)));
    let mut all = both.into_iter().flatten();
    all.try_for_each(|(law, dtype)| law.check(rule, device, dtype))
}

type Place<'a> = (&'a Device, DType);

/// More numbers than one thread takes at a time.
const SHAPE: [usize; 2] = [20_000, 2];
const STEPS: u64 = 4;
const RATE: f64 = 0.05;

/// Numbers of both signs up to a size, and some zeros.
fn numbers<const D: usize>(seed: u64, size: f64, shape: [usize; D], place: Place) -> Tensor<D> {
    let value = |i: u64| match (i + seed) % 13 {
        0 => 0.0,
        _ => ((i * 37 + seed * 101) as f64).sin() * size,
    };
    let count = shape.iter().product::<usize>() as u64;
    let data = TensorData::new((0..count).map(value).collect::<Vec<f64>>(), shape);
    Tensor::from_data(data, place)
}

fn host<const D: usize>(tensor: &Tensor<D>) -> Vec<f64> {
    tensor.to_data().iter::<f64>().collect()
}

fn bits<const D: usize>(tensor: &Tensor<D>) -> Vec<u64> {
    host(tensor).into_iter().map(f64::to_bits).collect()
}

fn hold(holds: bool, difference: impl ToString) -> Result<(), String> {
    match holds {
        true => Ok(()),
        false => Err(difference.to_string()),
    }
}

fn fused_equals_tensors<R: Rule>(rule: &R, place: Place) -> Result<(), String> {
    let start = || numbers(0, 2.0, SHAPE, place);
    let euler = Euler::new(rule.clone());
    let (mut by_euler, mut state) = (start(), None);
    let (mut fused, mut averages) = (start(), vec![]);
    let (mut expected, mut memory) = (start(), Memory::default());
    for step in 1..=STEPS {
        let gradient = numbers(step, 2.0, SHAPE, place);
        (by_euler, state) = euler.step(RATE, by_euler, gradient.clone(), state);
        (fused, averages) = host::update(rule, step, RATE, fused, gradient.clone(), averages);
        let (direction, after) = Rule::direction(rule, &memory, &expected, gradient);
        expected = expected - direction.mul_scalar(RATE);
        memory = after;
    }
    let tolerance = if place.1 == DType::F64 { 1e-13 } else { 2e-5 };
    [by_euler, fused].iter().try_for_each(|found| {
        let (found, expected) = (host(found), host(&expected));
        let pairs = found.iter().zip(&expected);
        let errors = pairs.map(|(f, e)| (f - e).abs() / e.abs().max(1.0));
        // A NaN is the largest of all.
        let largest = errors.fold(0.0, |a: f64, b| if b > a || b.is_nan() { b } else { a });
        let message = "elsewhere than its tensor operations";
        hold(
            largest <= tolerance,
            format!("moves parameters by {largest:e} {message}"),
        )
    })
}

/// A module of one parameter, for optimizers of Burn.
#[derive(Module, Debug)]
struct Position {
    x: Param<Tensor<2>>,
}

impl Position {
    fn start((device, dtype): Place) -> Self {
        let device = device.clone().autodiff();
        let x = Param::from_tensor(numbers(0, 2.0, SHAPE, (&device, dtype)));
        Self { x }
    }

    fn advance(self, optimizer: &mut ModuleOptimizer, steps: Range<u64>) -> Self {
        steps.fold(self, |position, step| {
            let x = position.x.val().inner();
            let mut gradients = GradientsParams::new();
            let gradient = numbers(step, 2.0, x.dims(), (&x.device(), x.dtype()));
            gradients.register(position.x.id, gradient);
            optimizer.step(RATE, position, gradients)
        })
    }

    fn bits(&self) -> Vec<u64> {
        bits(&self.x.val())
    }
}

fn memory_round_trip<R: Rule>(rule: &R, place: Place) -> Result<(), String> {
    let (first, second) = (rule.clone(), rule.clone());
    let theta = numbers(0, 2.0, [50], place);
    let gradient = |step| numbers(step, 2.0, [50], place);
    let mut memory = Memory::default();
    for step in 1..=STEPS {
        memory = Rule::direction(&first, &memory, &theta, gradient(step)).1;
    }
    let mut state = State::default();
    memory.save("memory", &mut state);
    let loaded = Memory::restore("memory", &state, place.0).map_err(|error| error.to_string())?;
    let next = |rule, memory| bits(&Rule::direction(rule, memory, &theta, gradient(STEPS + 1)).0);
    hold(
        next(&second, &loaded) == next(&first, &memory),
        "goes on differently from a saved state",
    )?;

    let mut first = Euler::new(rule.clone()).init();
    let position = Position::start(place).advance(&mut first, 1..STEPS);
    let second = Euler::new(rule.clone()).init();
    let mut second = second.load_record(first.to_record());
    let rest = |optimizer| position.clone().advance(optimizer, STEPS..STEPS + 2).bits();
    hold(
        rest(&mut second) == rest(&mut first),
        "goes on differently from Burn's record",
    )
}

fn deterministic<R: Rule>(rule: &R, place: Place) -> Result<(), String> {
    let [one, other] = [rule.clone(), rule.clone()].map(|rule| {
        let mut optimizer = Euler::new(rule).init();
        Position::start(place)
            .advance(&mut optimizer, 1..STEPS)
            .bits()
    });
    hold(one == other, "gives two results for the same steps")
}

fn finite_for_large_gradients<R: Rule>(rule: &R, place: Place) -> Result<(), String> {
    let exponent = if place.1 == DType::F64 { 300 } else { 30 };
    let largest = 10f64.powi(exponent / if rule.squares() { 2 } else { 1 });
    let (theta, mut memory) = (numbers(0, 2.0, [50], place), Memory::default());
    for (step, size) in (1..).zip([0.0, 1.0, largest, largest, 0.0]) {
        let gradient = numbers(step, size, [50], place);
        let (direction, after) = Rule::direction(rule, &memory, &theta, gradient);
        let finite = |tensor: &Tensor<1>| host(tensor).iter().all(|x| x.is_finite());
        hold(
            finite(&direction) && after.averages.iter().all(finite),
            format!("is not finite at step {step}, for gradients up to {size:e}"),
        )?;
        memory = after;
    }
    Ok(())
}

fn shape_and_type_kept<R: Rule, const D: usize>(
    rule: &R,
    shape: [usize; D],
    place: Place,
) -> Result<(), String> {
    let (theta, mut memory) = (numbers(0, 2.0, shape, place), Memory::default());
    for step in 1..=2 {
        let gradient = numbers(step, 2.0, shape, place);
        let (direction, after) = Rule::direction(rule, &memory, &theta, gradient);
        let found = after.averages.iter().chain([&direction]);
        let found: Vec<_> = found
            .map(|tensor| (tensor.dims(), tensor.dtype()))
            .collect();
        let expected = vec![(shape, place.1); R::AVERAGES + 1];
        hold(
            found == expected,
            format!("makes averages and a direction of {found:?}, not {expected:?}"),
        )?;
        memory = after;
    }
    Ok(())
}

/// Writes one `#[test]` a law for each [`Rule`], named like `adam::memory_round_trip`.
///
/// `devices` is anything that borrows as `[Device]`. Each test runs in f32 and in f64.
///
/// ```
/// use burn::tensor::Device;
/// use thalweg_optim::field::{Adam, Gradient};
///
/// thalweg_optim::rule_laws! {
///     devices: [Device::default()];
///     gradient: Gradient;
///     adam: Adam::default();
/// }
/// ```
#[macro_export]
macro_rules! rule_laws {
    (devices: $devices:expr; $($name:ident: $rule:expr);* $(;)?) => {$(
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            $crate::rule_laws! { @tests ($devices, $rule)
                fused_equals_tensors = FusedEqualsTensors, memory_round_trip = MemoryRoundTrip,
                deterministic = Deterministic, finite_for_large_gradients = FiniteForLargeGradients,
                shape_and_type_kept = ShapeAndTypeKept
            }
        }
    )*};
    (@tests $rule:tt $($test:ident = $law:ident),*) => {$(
        #[test]
        fn $test() {
            $crate::rule_laws!(@check $law $rule);
        }
    )*};
    (@check $law:ident ($devices:expr, $rule:expr)) => {
        let devices = &$devices;
        for device in ::core::convert::AsRef::<[$crate::laws::Device]>::as_ref(devices) {
            for dtype in [$crate::laws::DType::F32, $crate::laws::DType::F64] {
                let law = $crate::laws::RuleLaw::$law;
                law.check(&$rule, device, dtype).unwrap_or_else(|broken| panic!("{broken}"));
            }
        }
    };
}
