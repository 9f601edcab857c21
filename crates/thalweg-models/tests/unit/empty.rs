//! An empty batch is a batch: no rows, a loss of 0, gradients of 0.

use crate::common::host;
use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{DType, Device, Int, Tensor};
use thalweg_device::cpu_devices;
use thalweg_flow::precision::cast;
use thalweg_flow::{CompiledFlow, FlowError, Noise, Reversible};
use thalweg_models::fvae::FvaeStyle;
use thalweg_models::vae::VaeNetwork;
use thalweg_models::variational::{Binarization, ElboLoss, KlForm, LikelihoodStyle};
use thalweg_models::vib::VibLoss;
use thalweg_models::{
    AutoregressiveFlowConfig, ConditionalGlowConfig, ConditionalVaeConfig, ContinuousFlowConfig,
    CouplingFlowConfig, DiagonalGlowConfig, EdgeGlowConfig, FvaeConfig, GlowConfig, ImageSize,
    NiceConfig, RealNvpConfig, VaeConfig, VibConfig,
};

fn size() -> ImageSize {
    ImageSize::new([1, 8, 8]).with_levels(17)
}

fn noise() -> Noise {
    Noise::seeded(0)
}

/// Every device, without a tape and with one, in both types.
fn everywhere(mut run: impl FnMut(&Device, DType)) {
    for device in cpu_devices() {
        for dtype in [DType::F32, DType::F64] {
            run(&device, dtype);
            run(&device.clone().autodiff(), dtype);
        }
    }
}

fn rows(features: usize, device: &Device, dtype: DType) -> Tensor<2> {
    Tensor::zeros([0, features], (&device.clone().without_autodiff(), dtype))
}

fn images(device: &Device, dtype: DType) -> Tensor<4> {
    Tensor::zeros([0, 1, 8, 8], (&device.clone().without_autodiff(), dtype))
}

/// The loss is 0, and so is the gradient of each parameter that it has one for.
fn nothing<M: Module>(model: &M, device: &Device, loss: Tensor<1>) {
    assert_eq!(host(loss.clone()), [0.0]);
    if device.is_autodiff() {
        none(model, GradientsParams::from_grads(loss.backward(), model));
    }
}

fn none<M: Module>(model: &M, gradients: GradientsParams) {
    struct Visit(GradientsParams);
    impl burn::module::ModuleVisitor for Visit {
        fn visit_float<const D: usize>(&mut self, param: &burn::module::Param<Tensor<D>>) {
            let gradient = self.0.remove::<D>(param.id).map(host).unwrap_or_default();
            assert!(gradient.iter().all(|g| *g == 0.0), "{gradient:?}");
        }
    }
    model.visit(&mut Visit(gradients));
}

/// The gradient without a tape, on a device that has one.
fn reversible<M: Module>(
    model: &M,
    device: &Device,
    run: impl FnOnce(&Reversible) -> Result<(Tensor<1>, GradientsParams), FlowError>,
) {
    if device.is_autodiff() {
        let (loss, gradients) = run(&Reversible::new()).unwrap();
        assert_eq!(host(loss), [0.0]);
        none(model, gradients);
    }
}

#[test]
fn flows_of_vectors() {
    everywhere(|device, dtype| {
        for config in [CouplingFlowConfig::realnvp(3), CouplingFlowConfig::nsf(3)] {
            let config = config.with_hidden(vec![4]).with_couplings(2);
            let flow = cast(config.init(device), dtype).unwrap();
            let x = || rows(3, device, dtype);
            assert_eq!(flow.log_prob(x()).dims(), [0]);
            assert_eq!(flow.decode(flow.encode(x())).dims(), [0, 3]);
            assert_eq!(flow.sample(0, 1.0, &mut noise()).dims(), [0, 3]);
            let (samples, log_prob) = flow.sample_with_drawn_log_prob(0, 1.0, &mut noise());
            assert_eq!((samples.dims(), log_prob.dims()), ([0, 3], [0]));
            let (samples, log_prob) = flow.sample_with_log_prob(0, 1.0, &mut noise());
            assert_eq!((samples.dims(), log_prob.dims()), ([0, 3], [0]));
            assert_eq!(flow.log_probs(&x(), 10).unwrap(), [0.0; 0]);
            nothing(&flow, device, flow.loss(x()));
            reversible(&flow, device, |how| Ok(flow.loss_and_gradients(x(), how)));
        }
        for config in [NiceConfig::paper(6, 17), NiceConfig::blog(6, 17)] {
            let nice = cast(config.with_hidden(4).init(device), dtype).unwrap();
            let x = || rows(6, device, dtype);
            assert_eq!(nice.log_prob(x(), &mut noise()).unwrap().dims(), [0]);
            assert_eq!(
                nice.encode_levels(x(), &mut noise()).unwrap().dims(),
                [0, 6]
            );
            assert_eq!(nice.sample(0, 1.0, &mut noise()).dims(), [0, 6]);
            nothing(&nice, device, nice.loss(x(), &mut noise()).unwrap());
            reversible(&nice, device, |how| {
                nice.loss_and_gradients(x(), &mut noise(), how)
            });
        }
    });
    everywhere(|device, dtype| {
        let config = AutoregressiveFlowConfig::nsf_ar(3).with_hidden(vec![4]);
        let inverse = AutoregressiveFlowConfig::iaf(3).with_hidden(vec![4]);
        for config in [config, inverse] {
            let flow = cast(config.with_transforms(2).init(device), dtype).unwrap();
            let x = || rows(3, device, dtype);
            assert_eq!(flow.log_prob(x()).dims(), [0]);
            assert_eq!(flow.decode(flow.encode(x())).dims(), [0, 3]);
            assert_eq!(flow.sample(0, 1.0, &mut noise()).dims(), [0, 3]);
            assert_eq!(flow.log_probs(&x(), 10).unwrap(), [0.0; 0]);
            nothing(&flow, device, flow.loss(x()));
            reversible(&flow, device, |how| Ok(flow.loss_and_gradients(x(), how)));
        }
        let config = ContinuousFlowConfig::flow_matching(3);
        for config in [config, ContinuousFlowConfig::ffjord(3)] {
            let flow = cast(config.with_hidden(vec![4]).init(device), dtype).unwrap();
            let x = || rows(3, device, dtype);
            assert_eq!(flow.log_prob(x()).unwrap().dims(), [0]);
            let back = flow.decode(flow.encode(x()).unwrap()).unwrap();
            assert_eq!(back.dims(), [0, 3]);
            assert_eq!(flow.sample(0, 1.0, &mut noise()).unwrap().dims(), [0, 3]);
            let path = flow.path(0, &[0.0, 1.0], 1.0, &mut noise()).unwrap();
            assert_eq!([path[0].dims(), path[1].dims()], [[0, 3]; 2]);
            assert_eq!(flow.log_probs(&x(), 10).unwrap(), [0.0; 0]);
            nothing(&flow, device, flow.loss(x(), &mut noise()).unwrap());
            reversible(&flow, device, |how| Ok(flow.loss_and_gradients(x(), how)));
        }
    });
    let compiled: CompiledFlow = CouplingFlowConfig::nsf(3)
        .init(&Device::default())
        .compile();
    let mut scratch = thalweg_flow::compiled::Scratch::default();
    compiled.encode(&mut [], &mut scratch);
    compiled.decode(&mut [], &mut scratch);
    compiled.sample(1.0, &mut noise(), &mut [], &mut scratch);
}

#[test]
fn flows_of_vectors_given_vectors() {
    everywhere(|device, dtype| {
        let (x, context) = (|| rows(3, device, dtype), rows(2, device, dtype));
        let config = CouplingFlowConfig::nsf(3)
            .with_hidden(vec![4])
            .with_context(2);
        let flow = cast(config.init(device), dtype).unwrap();
        let given = flow.given(&context);
        assert_eq!(given.log_prob(x()).dims(), [0]);
        assert_eq!(given.sample(0, 1.0, &mut noise()).dims(), [0, 3]);
        assert_eq!(given.sample_each(4, 1.0, &mut noise()).dims(), [0, 3]);
        nothing(&flow, device, given.loss(x()));
        let config = ContinuousFlowConfig::flow_matching(3).with_hidden(vec![4]);
        let flow = cast(config.with_context(2).init(device), dtype).unwrap();
        let given = flow.given(&context);
        assert_eq!(given.log_prob(x()).unwrap().dims(), [0]);
        assert_eq!(
            given.sample_each(4, 1.0, &mut noise()).unwrap().dims(),
            [0, 3]
        );
        nothing(&flow, device, given.loss(x(), &mut noise()).unwrap());
    });
}

/// The same of each model of images.
macro_rules! of_images {
    ($device:ident, $dtype:ident, $model:expr) => {{
        let model = cast($model.init($device), $dtype).unwrap();
        let x = || images($device, $dtype);
        assert_eq!(model.log_prob(x(), &mut noise()).unwrap().dims(), [0]);
        let back = model.decode(model.encode(x()));
        assert_eq!(back.dims(), [0, 1, 8, 8]);
        assert_eq!(model.sample(0, 1.0, &mut noise()).dims(), [0, 1, 8, 8]);
        let bound = model.importance(x(), 2, &mut noise()).unwrap();
        assert_eq!(bound, [0.0; 0]);
        nothing(&model, $device, model.loss(x(), &mut noise()).unwrap());
        reversible(&model, $device, |how| {
            model.loss_and_gradients(x(), &mut noise(), how)
        });
        if !$device.is_autodiff() && $dtype == DType::F32 {
            let compiled = model.compile(2);
            let mut scratch = thalweg_flow::compiled::Scratch::default();
            let nats = compiled.log_probs(&[], &(), &mut noise(), &mut scratch);
            assert!(nats.unwrap().is_empty());
            compiled
                .flow
                .sample(1.0, &mut noise(), &mut [], &mut scratch);
        }
    }};
}

fn glow() -> GlowConfig {
    GlowConfig::openai(size())
        .with_scales(2)
        .with_depth(1)
        .with_hidden(4)
}

#[test]
fn flows_of_images() {
    everywhere(|device, dtype| {
        of_images!(device, dtype, glow());
        let blog = GlowConfig::blog(size()).with_scales(2).with_depth(1);
        of_images!(device, dtype, blog.with_hidden(4));
        let edge = EdgeGlowConfig::new(size(), false).with_scales(2);
        of_images!(device, dtype, edge.with_depth(1).with_hidden(4));
        let diagonal = DiagonalGlowConfig::new(size()).with_scales(2);
        of_images!(device, dtype, diagonal.with_depth(1).with_hidden(4));
        let realnvp = RealNvpConfig::paper(size()).with_scales(2).with_hidden(4);
        of_images!(device, dtype, realnvp.with_blocks(1));

        let model = ConditionalGlowConfig::new(glow(), 3).init(device);
        let model = cast(model, dtype).unwrap();
        // No labels for no images, or one for all of them.
        for count in [0, 1] {
            let labels = Tensor::<1, Int>::zeros([count], &device.clone().without_autodiff());
            let (given, x) = (model.given(&labels), || images(device, dtype));
            assert_eq!(given.log_prob(x(), &mut noise()).unwrap().dims(), [0]);
            assert_eq!(given.sample(0, 1.0, &mut noise()).dims(), [0, 1, 8, 8]);
            nothing(&model, device, given.loss(x(), &mut noise()).unwrap());
            reversible(&model, device, |how| {
                given.loss_and_gradients(x(), &mut noise(), how)
            });
        }
    });
}

#[test]
fn variational_models() {
    let styles = [
        LikelihoodStyle::Bernoulli(Binarization::Dynamic),
        LikelihoodStyle::Gaussian,
        LikelihoodStyle::DiscretizedLogistic,
    ];
    everywhere(|device, dtype| {
        let x = || rows(64, device, dtype);
        for style in styles {
            let mut config = VaeConfig::new(size(), style, 2);
            if style == LikelihoodStyle::Gaussian {
                let (channels, blocks) = (vec![4], 1);
                config.network = VaeNetwork::Conv { channels, blocks };
            }
            let vae = cast(config.init(device), dtype).unwrap();
            let elbo = vae
                .elbo(x(), &(), KlForm::MonteCarlo, &mut noise())
                .unwrap();
            assert_eq!(elbo.bound().dims(), [0]);
            let bound = vae.importance(x(), &(), 3, &mut noise()).unwrap();
            assert_eq!(bound, [0.0; 0]);
            assert_eq!(vae.sample(0, &(), 1.0, &mut noise()).dims(), [0, 64]);
            let loss = ElboLoss {
                free_nats: 1.0,
                ..ElboLoss::default()
            };
            let loss = vae.loss(x(), &(), &loss, &mut noise()).unwrap();
            nothing(&vae, device, loss);
        }
        let vae = ConditionalVaeConfig::new(VaeConfig::bernoulli(size(), 2), 3).init(device);
        let vae = cast(vae, dtype).unwrap();
        let labels = Tensor::<1, Int>::zeros([0], &device.clone().without_autodiff());
        let loss = vae.loss(x(), &labels, &ElboLoss::default(), &mut noise());
        nothing(&vae, device, loss.unwrap());
        assert_eq!(vae.sample(0, &labels, 1.0, &mut noise()).dims(), [0, 64]);

        for style in [FvaeStyle::Scalar, FvaeStyle::Staged { steps: 1 }] {
            let mut config = FvaeConfig::fvae_small(size()).with_stages(vec![4, 8]);
            (config.flow.scales, config.flow.depth, config.flow.hidden) = (1, 1, 4);
            let fvae = cast(config.with_style(style).init(device), dtype).unwrap();
            let x = || images(device, dtype);
            assert_eq!(fvae.bound(x(), &mut noise()).unwrap().dims(), [0]);
            assert_eq!(fvae.sample(0, 1.0, &mut noise()).dims(), [0, 1, 8, 8]);
            nothing(&fvae, device, fvae.loss(x(), &mut noise()).unwrap());
        }
    });
}

#[test]
fn classifiers() {
    everywhere(|device, dtype| {
        let config = VibConfig::new(4, 3).with_hidden(vec![4]).with_width(2);
        let vib = cast(config.init(device), dtype).unwrap();
        let x = || rows(4, device, dtype);
        let labels = Tensor::<1, Int>::zeros([0], &device.clone().without_autodiff());
        let found = vib.probabilities(x(), 2, &mut noise()).unwrap();
        assert_eq!(found.dims(), [0, 3]);
        assert_eq!(host(vib.rate(x()).unwrap()), [0.0]);
        for threshold in [None, Some(1.0)] {
            let price = VibLoss {
                lambda: 0.1,
                threshold,
            };
            let loss = vib.loss(x(), labels.clone(), &price, &mut noise());
            nothing(&vib, device, loss.unwrap());
        }
        nothing(&vib, device, vib.plain_loss(x(), labels).unwrap());
    });
}
