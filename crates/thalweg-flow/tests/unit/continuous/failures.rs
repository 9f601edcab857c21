use std::panic::{AssertUnwindSafe, catch_unwind};

use burn::module::Param;
use burn::nn::Linear as Layer;
use burn::tensor::{Device, Tensor};
use thalweg_flow::base::StandardNormal;
use thalweg_flow::compiled::Scratch;
use thalweg_flow::{
    Activation, Bijection, Continuous, Flow, FlowError, Integration, IntegrationFailure, Mlp,
    Scheme, TimeMlp,
};

use super::fields::{Linear, Square, points};

/// `v = factor · x`, as a perceptron of one layer.
fn scaling(factor: f32) -> TimeMlp {
    let device = Device::default();
    let layer = Layer {
        weight: Param::from_tensor(Tensor::from_floats([[factor]], &device)),
        bias: None,
    };
    TimeMlp::from_network(Mlp::from_layers(vec![layer], Activation::Tanh), 1, 0)
}

/// `x = 2` reaches infinity at the time 1/2.
#[test]
fn an_explosion_names_its_time_and_step() {
    let flow = Continuous::new(Square { features: 1 })
        .with_integration(Integration::adaptive(Scheme::DormandPrince, 1e-6));
    let error = flow.try_inverse(points([[0.1], [2.0]]), &()).unwrap_err();
    let FlowError::Integration {
        time,
        step,
        ends,
        evaluations,
        ..
    } = error.clone()
    else {
        panic!("{error}");
    };
    assert!((0.49..0.5 + 1e-6).contains(&time), "{error}");
    assert!(step < 1e-3 && evaluations <= 10_000 && ends == [0.0, 1.0]);
    let message = error.to_string();
    assert!(message.contains(&format!("time 0 to {time}")), "{message}");
    assert!(message.contains("evaluations"), "{message}");
}

#[test]
fn an_explosion_in_fixed_steps_is_found_at_its_step() {
    let flow = Continuous::new(Linear::new([[1e80]]))
        .with_integration(Integration::fixed(Scheme::Rk4, 10));
    let error = flow.try_forward(points([[1.0]]), &()).unwrap_err();
    assert!(
        matches!(
            error,
            FlowError::Integration {
                time: 1.0,
                problem: IntegrationFailure::NotFinite,
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn a_stiff_field_ends_at_the_bound_of_its_evaluations() {
    let integration = Integration::adaptive(Scheme::Tsitouras, 1e-6).with_most_evaluations(500);
    let flow = Continuous::new(Linear::new([[-1e6]])).with_integration(integration);
    let error = flow.try_inverse(points([[1.0]]), &()).unwrap_err();
    assert!(
        matches!(
            error,
            FlowError::Integration {
                evaluations: 500,
                problem: IntegrationFailure::MostEvaluations { bound: 500 },
                ..
            }
        ),
        "{error}"
    );
    assert!(
        error
            .to_string()
            .contains("raise the tolerance or the bound")
    );
}

#[test]
fn numbers_that_are_none_are_an_error() {
    for integration in [Integration::default(), Integration::fixed(Scheme::Euler, 3)] {
        let flow = Continuous::new(Linear::new([[1.0]])).with_integration(integration);
        let error = flow
            .try_forward(points([[1.0], [f64::NAN]]), &())
            .unwrap_err();
        assert!(
            matches!(
                error,
                FlowError::Integration {
                    time: 1.0,
                    problem: IntegrationFailure::NotFinite,
                    ..
                }
            ),
            "{error}"
        );
    }
}

/// The methods of `Bijection` and the compiled form panic with the message of the error.
#[test]
fn panics_have_the_message_of_the_error() {
    let integration = Integration::adaptive(Scheme::Tsitouras, 1e-6).with_most_evaluations(50);
    let flow = Continuous::new(scaling(-1e5)).with_integration(integration);
    let z = Tensor::<2>::ones([1, 1], &Device::default());
    let error = flow.try_inverse(z.clone(), &()).unwrap_err().to_string();
    let compiled = Flow::new(flow.clone(), StandardNormal::new(1)).compile();
    let panics: [Box<dyn std::any::Any + Send>; 2] = [
        catch_unwind(AssertUnwindSafe(|| flow.inverse(z, &()).0.dims())).unwrap_err(),
        catch_unwind(AssertUnwindSafe(|| {
            compiled.decode(&mut [1.0], &mut Scratch::default())
        }))
        .unwrap_err(),
    ];
    let bound = "it would take more than the bound of 50";
    assert!(error.contains(bound), "{error}");
    for panic in panics {
        let message = panic.downcast_ref::<String>().unwrap();
        assert!(message.contains(bound), "{message}");
    }
}

#[test]
#[should_panic(expected = "Continuous is made for [batch, 1] and got [1, 2]")]
fn another_number_of_features_is_refused() {
    let _ = Continuous::new(scaling(1.0)).try_forward(points([[1.0, 2.0]]), &());
}

#[test]
#[should_panic(expected = "a field made for a condition of 3 numbers got 0")]
fn a_conditional_field_without_its_condition_is_refused() {
    let field = thalweg_flow::TimeMlpConfig::new(1, vec![4]).with_context(3);
    let field = field.init(&mut thalweg_flow::Noise::seeded(0), &Device::default());
    let x = Tensor::<2>::ones([1, 1], &Device::default());
    let _ = Continuous::new(field).try_forward(x, &());
}
