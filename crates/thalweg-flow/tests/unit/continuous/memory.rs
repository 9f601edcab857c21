use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{DType, Device, Tensor};
use thalweg_flow::base::StandardNormal;
use thalweg_flow::{
    Continuous, Divergence, Flow, Integration, Noise, Reversible, Scheme, TimeMlp, TimeMlpConfig,
    precision,
};

use super::fields::{assert_close, host};

type Model = Flow<Continuous<TimeMlp>, StandardNormal>;

fn model(integration: Integration, divergence: Divergence) -> Model {
    let field = TimeMlpConfig::new(3, vec![10, 10]);
    let field = field.init(&mut Noise::seeded(2), &Device::default());
    let flow = Continuous::new(precision::cast(field, DType::F64).expect("f64"))
        .with_integration(integration)
        .with_divergence(divergence);
    Flow::new(flow, StandardNormal::new(3))
}

fn weight_gradients(model: &Model, gradients: &GradientsParams) -> Vec<f64> {
    let layers = &model.bijection.field;
    let mut found = vec![];
    struct Read<'a>(&'a GradientsParams, &'a mut Vec<f64>);
    impl burn::module::ModuleVisitor for Read<'_> {
        fn visit_float<const D: usize>(&mut self, param: &burn::module::Param<Tensor<D>>) {
            let gradient = self.0.get::<D>(param.id).expect("each parameter has one");
            self.1.extend(host(gradient));
        }
    }
    layers.visit(&mut Read(gradients, &mut found));
    found
}

/// The gradient of the discrete solution, and one kept state a step.
#[test]
fn gradients_without_a_tape_keep_one_state_a_step() {
    let estimate = Divergence::Hutchinson { seed: 3, probes: 2 };
    for (integration, divergence) in [
        (Integration::fixed(Scheme::Rk4, 6), Divergence::Exact),
        (Integration::fixed(Scheme::Rk4, 12), estimate),
        (
            Integration::adaptive(Scheme::Tsitouras, 1e-7),
            Divergence::Exact,
        ),
        (Integration::adaptive(Scheme::DormandPrince, 1e-5), estimate),
    ] {
        let plain = model(integration, divergence);
        let x: Tensor<2> = Noise::seeded(5).normal([4, 3], &Device::default(), DType::F64);
        let steps = plain
            .bijection
            .try_forward(x.clone(), &())
            .unwrap()
            .report
            .accepted;

        let model = plain.train();
        let mean = |log_prob: Tensor<1>| log_prob.mean().neg();
        let taped = mean(model.log_prob(x.clone().autodiff()));
        let value = host(taped.clone());
        let taped = GradientsParams::from_grads(taped.backward(), &model);
        let how = Reversible::new();
        let (loss, found) = model.loss_and_gradients(x, &how, mean);
        assert_close(&host(loss), &value, 1e-12);
        let found = weight_gradients(&model, &found);
        assert_close(&found, &weight_gradients(&model, &taped), 1e-12);

        let report = how.report();
        assert_eq!(
            (report.layers, report.kept, report.repeated),
            (steps, steps, 0)
        );
        assert_eq!(report.kept_bytes, steps * 4 * 3 * 8);
    }
}
