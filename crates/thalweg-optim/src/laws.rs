//! The laws that every [`Rule`] must obey, as a test suite for your own: one function for each law,
//! [`check_all`], and [`rule_laws!`](crate::rule_laws).

use burn::module::{Module, Param};
use burn::optim::{GradientsParams, ModuleOptimizer, Optimizer};
#[doc(hidden)]
pub use burn::tensor::Device;
use burn::tensor::{DType, Tensor, TensorData};

use crate::euler::host;
use crate::{Euler, Memory, Remember, Rule, State};

/// A rule breaks a law.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("`{law}`: {finding}")]
pub struct Broken {
    /// The name of the law.
    pub law: &'static str,
    /// The rule, the type, the device and the difference.
    pub finding: String,
}

/// One law, for a rule on a device in a type.
pub type Law<R> = fn(&R, &Device, DType) -> Result<(), Broken>;

/// More numbers than one thread takes at a time.
const SHAPE: [usize; 2] = [20_000, 2];
const STEPS: u64 = 4;
const RATE: f64 = 0.05;

/// Numbers of both signs up to a size, and some zeros.
fn numbers<const D: usize>(
    seed: u64,
    size: f64,
    shape: [usize; D],
    (device, dtype): (&Device, DType),
) -> Tensor<D> {
    let value = |i: u64| match (i + seed) % 13 {
        0 => 0.0,
        _ => ((i * 37 + seed * 101) as f64).sin() * size,
    };
    let count = shape.iter().product::<usize>() as u64;
    let data = TensorData::new((0..count).map(value).collect::<Vec<f64>>(), shape);
    Tensor::from_data(data, (device, dtype))
}

fn host<const D: usize>(tensor: &Tensor<D>) -> Vec<f64> {
    tensor.to_data().iter::<f64>().collect()
}

fn same_bits(a: &[f64], b: &[f64]) -> bool {
    a.iter()
        .map(|x| x.to_bits())
        .eq(b.iter().map(|x| x.to_bits()))
}

fn hold(
    holds: bool,
    law: &'static str,
    rule: &impl Rule,
    place: (&Device, DType),
    difference: impl FnOnce() -> String,
) -> Result<(), Broken> {
    let (device, dtype) = place;
    let finding = || format!("{rule:?} in {dtype:?} on {device:?} {}", difference());
    match holds {
        true => Ok(()),
        false => Err(Broken {
            law,
            finding: finding(),
        }),
    }
}

/// The loop over numbers moves parameters like the chain of tensor operations, to `10⁻¹³` in f64 and
/// `2 · 10⁻⁵` in f32.
///
/// # Errors
///
/// [`Broken`] with the largest difference.
pub fn fused_equals_tensors<R: Rule>(
    rule: &R,
    device: &Device,
    dtype: DType,
) -> Result<(), Broken> {
    let place = (device, dtype);
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
    let tolerance = if dtype == DType::F64 { 1e-13 } else { 2e-5 };
    for found in [by_euler, fused] {
        let (found, expected) = (host(&found), host(&expected));
        let errors = found
            .iter()
            .zip(&expected)
            .map(|(f, e)| (f - e).abs() / e.abs().max(1.0));
        // A NaN is the largest of all.
        let largest = errors.fold(0.0, |a: f64, b| if b > a || b.is_nan() { b } else { a });
        hold(
            largest <= tolerance,
            "fused_equals_tensors",
            rule,
            place,
            || format!("moves parameters by {largest:e} elsewhere than its tensor operations"),
        )?;
    }
    Ok(())
}

#[derive(Module, Debug)]
struct Position {
    x: Param<Tensor<2>>,
}

impl Position {
    fn start((device, dtype): (&Device, DType)) -> Self {
        let device = device.clone().autodiff();
        let x = numbers(0, 2.0, SHAPE, (&device, dtype));
        Self {
            x: Param::from_tensor(x),
        }
    }

    fn advance(self, optimizer: &mut ModuleOptimizer, steps: std::ops::Range<u64>) -> Self {
        steps.fold(self, |position, step| {
            let x = position.x.val().inner();
            let place = (&x.device(), x.dtype());
            let mut gradients = GradientsParams::new();
            gradients.register(position.x.id, numbers(step, 2.0, x.dims(), place));
            optimizer.step(RATE, position, gradients)
        })
    }
}

/// A run whose memory was saved and loaded, as a [`State`] and as Burn's record, goes on to the bit.
///
/// # Errors
///
/// [`Broken`] with the form that lost something.
pub fn memory_round_trip<R: Rule>(rule: &R, device: &Device, dtype: DType) -> Result<(), Broken> {
    let (law, place) = ("memory_round_trip", (device, dtype));
    let broken = |error: String| Broken {
        law,
        finding: format!("{rule:?}: {error}"),
    };
    let shape = [50];
    let theta = numbers(0, 2.0, shape, place);
    let gradient = |step| numbers(step, 2.0, shape, place);
    let first = rule.clone();
    let mut memory = Memory::default();
    for step in 1..=STEPS {
        memory = Rule::direction(&first, &memory, &theta, gradient(step)).1;
    }
    let mut state = State::default();
    memory.save("memory", &mut state);
    let loaded = Memory::restore("memory", &state, device).map_err(|e| broken(e.to_string()))?;
    let next = |rule: &R, memory| Rule::direction(rule, memory, &theta, gradient(STEPS + 1)).0;
    let (found, expected) = (
        host(&next(&rule.clone(), &loaded)),
        host(&next(&first, &memory)),
    );
    hold(same_bits(&found, &expected), law, rule, place, || {
        "goes on differently from a saved state".to_owned()
    })?;

    let start = Position::start(place);
    let mut first = Euler::new(rule.clone()).init();
    let half_way = start.advance(&mut first, 1..STEPS);
    let mut second = Euler::new(rule.clone())
        .init()
        .load_record(first.to_record());
    let expected = half_way.clone().advance(&mut first, STEPS..STEPS + 2);
    let found = half_way.advance(&mut second, STEPS..STEPS + 2);
    let (found, expected) = (host(&found.x.val()), host(&expected.x.val()));
    hold(same_bits(&found, &expected), law, rule, place, || {
        "goes on differently from Burn's record".to_owned()
    })
}

/// Equal steps give equal bits, whatever the division between threads.
///
/// # Errors
///
/// [`Broken`] for two runs that differ.
pub fn deterministic<R: Rule>(rule: &R, device: &Device, dtype: DType) -> Result<(), Broken> {
    let place = (device, dtype);
    let [one, other] = [rule.clone(), rule.clone()].map(|rule| {
        let start = Position::start(place);
        host(
            &start
                .advance(&mut Euler::new(rule).init(), 1..STEPS)
                .x
                .val(),
        )
    });
    hold(
        same_bits(&one, &other),
        "deterministic",
        rule,
        place,
        || "gives two results for the same steps".to_owned(),
    )
}

/// Directions and averages are finite for gradients of zero, and for large ones: up to `10³⁰` in f32
/// and `10³⁰⁰` in f64, or the square root of that for a rule that [squares](Rule::squares).
///
/// # Errors
///
/// [`Broken`] with the step.
pub fn finite_for_large_gradients<R: Rule>(
    rule: &R,
    device: &Device,
    dtype: DType,
) -> Result<(), Broken> {
    let place = (device, dtype);
    let exponent = if dtype == DType::F64 { 300 } else { 30 };
    let largest = 10f64.powi(if rule.squares() {
        exponent / 2
    } else {
        exponent
    });
    let (theta, mut memory) = (numbers(0, 2.0, [50], place), Memory::default());
    for (step, size) in (1..).zip([0.0, 1.0, largest, largest, 0.0]) {
        let gradient = numbers(step, size, [50], place);
        let (direction, after) = Rule::direction(rule, &memory, &theta, gradient);
        let finite = |tensor: &Tensor<1>| host(tensor).iter().all(|x| x.is_finite());
        let holds = finite(&direction) && after.averages.iter().all(finite);
        hold(holds, "finite_for_large_gradients", rule, place, || {
            format!("is not finite at step {step}, for gradients up to {size:e}")
        })?;
        memory = after;
    }
    Ok(())
}

/// Directions and averages have the shape and the type of the parameter, and there are as many
/// averages as [`Rule::AVERAGES`] says.
///
/// # Errors
///
/// [`Broken`] with both shapes and types.
pub fn shape_and_type_kept<R: Rule>(rule: &R, device: &Device, dtype: DType) -> Result<(), Broken> {
    fn kept<R: Rule, const D: usize>(
        rule: &R,
        shape: [usize; D],
        place: (&Device, DType),
    ) -> Result<(), Broken> {
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
                "shape_and_type_kept",
                rule,
                place,
                || format!("makes averages and a direction of {found:?}, not {expected:?}"),
            )?;
            memory = after;
        }
        Ok(())
    }
    let place = (device, dtype);
    kept(rule, [5], place)?;
    kept(rule, [3, 2], place)?;
    kept(rule, [2, 1, 3, 2], place)
}

/// A law on several devices, in f32 and in f64.
///
/// # Panics
///
/// Where the rule breaks the law.
#[doc(hidden)]
#[track_caller]
pub fn assert_law<R: Rule>(law: Law<R>, rule: &R, devices: &[Device]) {
    for device in devices {
        for dtype in [DType::F32, DType::F64] {
            law(rule, device, dtype).unwrap_or_else(|broken| panic!("{broken}"));
        }
    }
}

/// All laws on a device, in f32 and in f64.
///
/// # Errors
///
/// The first law that the rule breaks.
pub fn check_all<R: Rule>(rule: &R, device: &Device) -> Result<(), Broken> {
    let laws: [Law<R>; 5] = [
        fused_equals_tensors,
        memory_round_trip,
        deterministic,
        finite_for_large_gradients,
        shape_and_type_kept,
    ];
    let both = [DType::F32, DType::F64].into_iter();
    both.flat_map(|dtype| laws.map(|law| law(rule, device, dtype)))
        .collect()
}

/// Writes one `#[test]` a law for each [`Rule`], named like `adam::memory_round_trip`.
///
/// `devices` is anything that borrows as `[Device]`.
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

            $crate::__rule_law_tests! {
                ($devices, $rule) fused_equals_tensors, memory_round_trip, deterministic,
                finite_for_large_gradients, shape_and_type_kept
            }
        }
    )*};
}

/// The tests of one rule.
#[doc(hidden)]
#[macro_export]
macro_rules! __rule_law_tests {
    ($rule:tt $($law:ident),*) => {$(
        #[test]
        fn $law() {
            $crate::__assert_rule_law!($law $rule);
        }
    )*};
}

#[doc(hidden)]
#[macro_export]
macro_rules! __assert_rule_law {
    ($law:ident ($devices:expr, $rule:expr)) => {
        $crate::laws::assert_law(
            $crate::laws::$law,
            &$rule,
            ::core::convert::AsRef::<[$crate::laws::Device]>::as_ref(&$devices),
        )
    };
}
