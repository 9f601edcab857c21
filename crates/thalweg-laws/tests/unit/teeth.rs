//! Each law bites: a planted bug is caught by the law that should catch it, and its twin without
//! a bug passes all of them.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::fixtures::{Bug, CONTEXT, Coupling};
use burn::module::Module;
use burn::tensor::{DType, Device, Tensor};
use thalweg_device::cpu_devices;
use thalweg_flow::compiled::{Batch, Direction, FlowStep, Lower, Lowering, Scratch};
use thalweg_flow::{Bijection, LogDet};
use thalweg_laws::{
    Compiled, HasCompiledForm as _, HasNoCompiledForm as _, Law, Options, Sample, Violation, cast,
    check_all, laws, normal, run_law, scramble,
};

const FEATURES: usize = 5;
const BATCH: usize = 4;

struct Planted {
    layer: Coupling,
    built_anew: Coupling,
    data: Tensor<2>,
    context: Tensor<2>,
}

impl Planted {
    fn new(bug: Bug, device: &Device) -> Self {
        let dtype = DType::F64;
        let build = |a| {
            cast(scramble(Coupling::new(FEATURES, bug, device), a), dtype).expect("a sound device")
        };
        Self {
            layer: build(0.3),
            built_anew: build(0.2),
            data: normal([BATCH, FEATURES]).sample(device, dtype, 1),
            context: normal([BATCH, CONTEXT]).sample(device, dtype, 2),
        }
    }

    fn check(&self, law: Law) -> Result<(), Violation> {
        let Self {
            layer,
            built_anew,
            data,
            context,
        } = self;
        if law == Law::RecordRoundTrip {
            return laws::record_round_trip(layer, built_anew.clone(), data, context);
        }
        let others = Law::ALL.into_iter().filter(|other| *other != law);
        let only = others.fold(Options::default(), |o, other| o.skip(other, "not asked"));
        check_all(layer, data, context, &only)
    }

    /// The laws that the bug breaks.
    fn broken(&self) -> Vec<Law> {
        let broken = Law::ALL.into_iter().filter_map(|law| {
            let violation = self.check(law).err()?;
            assert_eq!(violation.law, law, "{violation}");
            Some(law)
        });
        broken.collect()
    }
}

/// The bug breaks these laws and no others, on every device.
fn breaks(bug: Bug, laws: &[Law]) {
    for device in cpu_devices() {
        assert_eq!(Planted::new(bug, &device).broken(), laws, "{bug:?}");
    }
}

#[test]
fn a_layer_without_a_bug_passes() {
    breaks(Bug::None, &[]);
}

/// Round trips and cancelling log-determinants cannot see it.
#[test]
fn a_wrong_sign_is_seen_by_the_jacobian() {
    breaks(Bug::WrongSign, &[Law::LogDetIsJacobian]);
}

#[test]
fn a_constant_in_the_log_determinant_is_seen_by_the_jacobian() {
    breaks(Bug::ConstantOff, &[Law::LogDetIsJacobian]);
}

#[test]
fn a_log_determinant_averaged_over_the_batch_is_seen_by_row_and_jacobian() {
    breaks(
        Bug::MeanOverBatch,
        &[Law::BatchRowsIndependent, Law::LogDetIsJacobian],
    );
}

/// No other law can compare the rows of a log-determinant that has none.
#[test]
fn a_scalar_log_determinant_is_seen_by_its_shape() {
    for device in cpu_devices() {
        let broken = Planted::new(Bug::ScalarLogDet, &device).broken();
        assert!(broken.contains(&Law::LogDetHasBatchShape), "{broken:?}");
    }
}

/// The Jacobian cannot see it: the leak fills only the triangle that the determinant ignores.
#[test]
fn a_leak_across_the_batch_is_seen_by_the_rows() {
    for device in cpu_devices() {
        let planted = Planted::new(Bug::LeakAcrossBatch, &device);
        let violation = planted.check(Law::BatchRowsIndependent).unwrap_err();
        assert_eq!(violation.law, Law::BatchRowsIndependent);
        assert!(planted.check(Law::RoundTripFromData).is_ok());
        assert!(planted.check(Law::LogDetsCancel).is_ok());
    }
}

#[test]
fn an_inverse_without_the_shift_is_seen_by_both_round_trips() {
    breaks(
        Bug::InverseForgetsShift,
        &[
            Law::RoundTripFromData,
            Law::RoundTripFromLatent,
            Law::GradientsWithoutTape,
        ],
    );
}

#[test]
fn a_way_back_that_forgets_the_log_determinant_is_seen_by_the_gradients() {
    breaks(Bug::BackwardForgetsLogDet, &[Law::GradientsWithoutTape]);
}

#[test]
fn a_detached_parameter_is_seen_by_its_gradient() {
    breaks(Bug::DetachedParameter, &[Law::EveryParameterHasGradient]);
    for device in cpu_devices() {
        let planted = Planted::new(Bug::DetachedParameter, &device);
        let violation = planted.check(Law::EveryParameterHasGradient).unwrap_err();
        assert!(violation.expected.contains("shift"), "{violation}");
    }
}

/// Burn refuses to mix the dtypes afterwards, so the other laws would panic.
#[test]
fn a_lost_dtype_is_seen() {
    for device in cpu_devices() {
        let planted = Planted::new(Bug::LosesDtype, &device);
        let violation = planted.check(Law::DtypeAndDeviceKept).unwrap_err();
        assert_eq!(violation.law, Law::DtypeAndDeviceKept);
        assert!(violation.found.contains("F32"), "{violation}");
    }
}

#[test]
fn what_the_record_forgets_is_seen_after_loading() {
    breaks(Bug::RecordForgets, &[Law::RecordRoundTrip]);
}

#[test]
fn a_second_module_with_the_same_numbers_proves_nothing_about_records() {
    let planted = Planted::new(Bug::None, &Device::default());
    let twin = planted.layer.clone();
    let violation =
        laws::record_round_trip(&planted.layer, twin, &planted.data, &planted.context).unwrap_err();
    assert!(violation.expected.contains("differs"), "{violation}");
}

#[test]
fn a_count_of_calls_is_seen_as_no_function() {
    for device in cpu_devices() {
        let planted = Planted::new(Bug::CountsItsCalls, &device);
        let violation = planted.check(Law::Deterministic).unwrap_err();
        assert_eq!(violation.law, Law::Deterministic);
    }
}

#[test]
fn an_overflow_is_seen_at_the_edges() {
    for device in cpu_devices() {
        let planted = Planted::new(Bug::Overflows, &device);
        let violation = planted.check(Law::FiniteAtTheEdges).unwrap_err();
        assert_eq!(violation.law, Law::FiniteAtTheEdges);
        assert!(planted.check(Law::LogDetIsJacobian).is_ok());
    }
}

/// A parameter of the condition cannot have a gradient then, either.
#[test]
fn an_ignored_context_is_seen() {
    breaks(
        Bug::IgnoresContext,
        &[Law::EveryParameterHasGradient, Law::ContextMatters],
    );
}

/// Its square is too large for a number where the number is not, and what is dropped is NaN.
#[test]
fn a_square_that_overflows_is_seen_at_large_numbers() {
    breaks(Bug::SquaresWhatItDrops, &[Law::TotalOnFiniteInputs]);
    let planted = Planted::new(Bug::SquaresWhatItDrops, &Device::default());
    let violation = planted.check(Law::TotalOnFiniteInputs).unwrap_err();
    assert!(violation.expected.contains("f(x)"), "{violation}");
}

/// The values are right everywhere; the root in what is dropped has an infinite slope at 0.
#[test]
fn a_gradient_of_nan_is_seen_where_the_value_is_a_number() {
    breaks(Bug::HasNoSlopeAtZero, &[Law::TotalOnFiniteInputs]);
    let planted = Planted::new(Bug::HasNoSlopeAtZero, &Device::default());
    let violation = planted.check(Law::TotalOnFiniteInputs).unwrap_err();
    assert!(violation.expected.contains("gradient"), "{violation}");
}

#[test]
fn one_column_made_into_all_is_seen_by_other_shapes() {
    breaks(Bug::BroadcastsOneColumn, &[Law::RefusesOtherShapes]);
}

#[test]
fn a_layer_that_needs_a_row_is_seen_by_a_batch_without_any() {
    breaks(Bug::NeedsARow, &[Law::EmptyBatch]);
}

#[test]
fn data_handed_on_in_place_of_latents_are_seen_at_initialization() {
    breaks(Bug::PassesOnTheData, &[Law::InitializationPassesOn]);
}

/// Its wrong sign is invisible as long as the layer is the identity.
#[test]
fn an_identity_is_seen_as_vacuous() {
    for device in cpu_devices() {
        let layer = Coupling::new(FEATURES, Bug::WrongSign, &device);
        let data = normal([BATCH, FEATURES]).sample(&device, DType::F32, 1);
        assert_eq!(laws::log_det_is_jacobian(&layer, &data, &(), 1e-4), Ok(()));
        let violation = laws::volume_as_declared(&layer, &data, &(), false, 1e-4).unwrap_err();
        assert_eq!(violation.law, Law::VolumeAsDeclared);
    }
}

#[test]
fn a_volume_declared_as_preserved_must_be() {
    let planted = Planted::new(Bug::None, &Device::default());
    let (layer, data, context) = (&planted.layer, &planted.data, &planted.context);
    let violation = laws::volume_as_declared(layer, data, context, true, 1e-9).unwrap_err();
    assert_eq!(violation.law, Law::VolumeAsDeclared);
}

#[test]
fn one_row_is_too_few_to_show_a_leak_or_the_effect_of_a_context() {
    let planted = Planted::new(Bug::None, &Device::default());
    let data = planted.data.narrow(0, 0, 1);
    let context = planted.context.narrow(0, 0, 1);
    assert!(laws::batch_rows_independent(&planted.layer, &data, &context, 1e-9).is_err());
    assert!(laws::context_matters(&planted.layer, &data, &context).is_err());
}

#[test]
fn an_exception_must_name_a_parameter() {
    let planted = Planted::new(Bug::DetachedParameter, &Device::default());
    let check = |path: &str| {
        laws::every_parameter_has_gradient(
            &planted.layer,
            &planted.data,
            &planted.context,
            &[(path.into(), "is detached for this test".into())],
        )
    };
    assert_eq!(check("shift"), Ok(()));
    assert!(check("shaft").unwrap_err().expected.contains("shaft"));
}

#[test]
#[should_panic(expected = "log_det_is_jacobian is broken on")]
fn a_written_test_fails_on_a_bug() {
    run_law(
        Law::LogDetIsJacobian,
        &cpu_devices(),
        |device| Coupling::new(FEATURES, Bug::WrongSign, device),
        normal([BATCH, FEATURES]),
        (),
        &Options::default(),
    );
}

/// `z = 2 x`, whose compiled form adds this multiple of `ln 2` a number to the log-determinant.
#[derive(Module, Debug)]
struct Double {
    compiled_log_det: f64,
}

impl Bijection for Double {
    type Data = Tensor<2>;
    type Latent = Tensor<2>;

    fn forward(&self, x: Tensor<2>, _: &()) -> (Tensor<2>, LogDet) {
        let [batch, features] = x.dims();
        let log_det = Tensor::full([batch], features as f64 * 2f64.ln(), &x.device());
        (x * 2.0, log_det)
    }

    fn inverse(&self, z: Tensor<2>, _: &()) -> (Tensor<2>, LogDet) {
        let [batch, features] = z.dims();
        let log_det = Tensor::full([batch], features as f64 * -2f64.ln(), &z.device());
        (z / 2.0, log_det)
    }
}

impl Lower for Double {
    fn lower(&self, plan: &mut Lowering) {
        plan.add(DoubleStep(self.compiled_log_det, plan.numbers()));
    }
}

#[derive(Debug)]
struct DoubleStep(f64, usize);

impl FlowStep for DoubleStep {
    fn apply(&self, direction: Direction, x: &mut Batch<'_>, _: &mut Scratch) {
        let factor = if direction == Direction::Forward {
            2.0
        } else {
            0.5
        };
        x.change(self.1, |_, x| {
            x.iter_mut().for_each(|x| *x *= factor);
            self.0 * self.1 as f64 * f64::from(factor).ln()
        });
    }
}

#[test]
fn a_wrong_sign_of_a_compiled_form_is_seen() {
    for device in cpu_devices() {
        let data = normal([BATCH, FEATURES]).sample(&device, DType::F32, 1);
        let check = |compiled_log_det| {
            laws::compiled_agrees(&Double { compiled_log_det }, &data, &(), 1e-4)
        };
        assert_eq!(check(1.0), Ok(()));
        let violation = check(-1.0).unwrap_err();
        assert_eq!(violation.law, Law::CompiledAgrees);
        assert!(violation.expected.contains("ln |det"), "{violation}");
    }
}

/// The macro checks the law where there is a form, and asks for a reason where there is none.
#[test]
fn a_written_test_knows_whether_there_is_a_form() {
    let devices = [Device::default()];
    let options = Options::default();
    let data = || normal([BATCH, FEATURES]);
    let message = |check: &dyn Fn()| {
        let payload = catch_unwind(AssertUnwindSafe(check)).expect_err("a panic");
        payload
            .downcast_ref::<String>()
            .cloned()
            .unwrap_or_default()
    };
    let double = |log_det: f64| {
        move |_: &Device| Double {
            compiled_log_det: log_det,
        }
    };
    let right = Compiled::all(&devices, double(1.0), data(), (), &options);
    right.iter().for_each(|subject| (&subject).check(&options));
    let wrong = Compiled::all(&devices, double(-1.0), data(), (), &options);
    let found = message(&|| wrong.iter().for_each(|subject| (&subject).check(&options)));
    assert!(found.contains("compiled_agrees is broken"), "{found}");
    let coupling = |device: &Device| Coupling::new(FEATURES, Bug::None, device);
    let context = normal([BATCH, CONTEXT]);
    let none = Compiled::all(&devices, coupling, data(), context, &options);
    let found = message(&|| none.iter().for_each(|subject| (&subject).check(&options)));
    assert!(found.contains("has no compiled form"), "{found}");
    let skipped = options.clone().skip(Law::CompiledAgrees, "for this test");
    assert!(Compiled::all(&devices, coupling, data(), (), &skipped).is_empty());
}
