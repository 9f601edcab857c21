//! Models of images.

use burn::tensor::Tensor;
use thalweg_flow::{Activation, Base, Bijection};
use thalweg_models::fvae::FvaeStyle;
use thalweg_models::vae::VaeNetwork;
use thalweg_models::variational::{Binarization, LikelihoodStyle};
use thalweg_models::{
    ConditionalGlowConfig, ConditionalVaeConfig, DiagonalGlowConfig, EdgeGlowConfig, Fvae,
    FvaeConfig, GlowConfig, ImageSize, RealNvpConfig, VaeConfig,
};

use super::{Case, case, image, images, same, with_labels};
use crate::common::host;
use crate::format_1::inputs::Inputs;

pub(super) fn exact() -> Vec<Case> {
    let glow = |config: GlowConfig| config.with_scales(2).with_depth(1).with_hidden(4);
    let config = |name, config| {
        case(
            name,
            glow(config),
            same,
            images(),
            |glow, device, inputs| host(glow.flow.log_prob(inputs.tensor("y", device))),
        )
    };
    let edge = |name, additive| {
        let config = EdgeGlowConfig::new(image(), additive).with_scales(2);
        case(
            name,
            config.with_depth(1).with_hidden(4),
            same,
            images(),
            |glow, device, inputs| host(glow.flow.log_prob(inputs.tensor("y", device))),
        )
    };
    let diagonal = DiagonalGlowConfig::new(image())
        .with_scales(2)
        .with_depth(1);
    let realnvp = RealNvpConfig::paper(image())
        .with_scales(2)
        .with_hidden(3)
        .with_blocks(1);
    let conditional =
        ConditionalGlowConfig::new(glow(GlowConfig::openai(image())), 3).with_width(2);
    vec![
        case(
            "realnvp",
            realnvp,
            same,
            images(),
            |realnvp, device, inputs| host(realnvp.flow.log_prob(inputs.tensor("y", device))),
        ),
        config("glow-openai", GlowConfig::openai(image())),
        config("glow-blog", GlowConfig::blog(image())),
        edge("glow-edge", false),
        edge("glow-edge-additive", true),
        case(
            "glow-diagonal",
            diagonal.with_hidden(4),
            same,
            images(),
            |glow, device, inputs| host(glow.flow.log_prob(inputs.tensor("y", device))),
        ),
        case(
            "glow-conditional",
            conditional,
            same,
            with_labels(images()),
            |glow, device, inputs| {
                let labels = inputs.whole("labels", device);
                host(
                    glow.flow
                        .given(&labels)
                        .log_prob(inputs.tensor("y", device)),
                )
            },
        ),
    ]
}

pub(super) fn variational() -> Vec<Case> {
    let mlp = VaeNetwork::Mlp {
        hidden: vec![4],
        activation: Activation::Tanh,
    };
    let conv = VaeNetwork::Conv {
        channels: vec![2],
        blocks: 1,
    };
    let binary = LikelihoodStyle::Bernoulli(Binarization::Dynamic);
    let config = |likelihood, network: &VaeNetwork| {
        VaeConfig::new(image(), likelihood, 2).with_network(network.clone())
    };
    let inputs = || {
        let bits = (0..32).map(|k| f64::from(k * k % 3 == 1)).collect();
        let bits = Inputs::default().with_numbers("x", &[2, 16], bits);
        bits.with("u", &[3, 2, 2], [-2.0, 2.0])
    };
    let vae = |name, config| {
        case(
            name,
            config,
            same,
            inputs(),
            |vae: &thalweg_models::Vae, device, inputs| {
                let (x, u) = (inputs.tensor("x", device), inputs.tensor("u", device));
                host(vae.autoencoder.log_weights(x, &(), u))
            },
        )
    };
    let conditional = ConditionalVaeConfig::new(config(LikelihoodStyle::Gaussian, &mlp), 3);
    vec![
        vae("vae-bernoulli", config(binary, &mlp)),
        vae("vae-gaussian", config(LikelihoodStyle::Gaussian, &mlp)),
        vae(
            "vae-logistic",
            config(LikelihoodStyle::DiscretizedLogistic, &conv),
        ),
        case(
            "vae-conditional",
            conditional.with_width(2),
            same,
            with_labels(inputs()),
            |vae, device, inputs| {
                let (x, u) = (inputs.tensor("x", device), inputs.tensor("u", device));
                let labels = inputs.whole::<1>("labels", device);
                host(vae.autoencoder.log_weights(x, &labels, u))
            },
        ),
        fvae("fvae-scalar", FvaeStyle::Scalar),
        fvae("fvae-staged", FvaeStyle::Staged { steps: 1 }),
    ]
}

fn fvae(name: &'static str, style: FvaeStyle) -> Case {
    let config = FvaeConfig::fvae_small(ImageSize::new([1, 4, 4])).with_style(style);
    let mut config = config.with_stages(vec![4]);
    config.blocks = 1;
    config.flow = config.flow.with_scales(1).with_depth(1).with_hidden(2);
    let inputs = images().with("u", &[2, 4, 2, 2], [-2.0, 2.0]);
    case(name, config, same, inputs, |fvae: &Fvae, device, inputs| {
        let y: Tensor<4> = inputs.tensor("y", device);
        let x = y.clone().mul_scalar(2.0).sub_scalar(1.0);
        let code = fvae.encoder.forward(x.clone());
        let (h, placed) = fvae.place.forward(inputs.tensor("u", device), &code);
        let (z, log_det) = fvae.posterior.flow.forward(h, &());
        let prior = fvae.posterior.prior.log_prob(z, &());
        let image = fvae.reconstruct(y).mul_scalar(2.0).sub_scalar(1.0);
        let likelihood = fvae.likelihood.log_prob(x, image);
        [prior + placed + log_det, likelihood].map(host).concat()
    })
}
