//! Flows of vectors.

use burn::tensor::{DType, Device, Tensor};
use thalweg_flow::{ActNorm, Flow, InvertibleLinear, Noise, Plu, base::StandardNormal};
use thalweg_laws::{cast, scramble};
use thalweg_models::file::{load, save};
use thalweg_models::{
    AutoregressiveFlowConfig, ContinuousFlowConfig, CouplingFlowConfig, NiceConfig,
};

use super::{Case, case, given_vectors, rows, same, vectors};
use crate::common::host;
use crate::format_1::inputs::Inputs;

/// A flow without a configuration.
pub(super) fn by_hand() -> Vec<Case> {
    let flow = |device: &Device| {
        let mix = InvertibleLinear::new(Plu::rotation(3, &mut Noise::seeded(1), device));
        Flow::new(
            (ActNorm::<2>::identity(3, device), mix),
            StandardNormal::new(3),
        )
    };
    vec![Case {
        name: "module",
        inputs: vectors(),
        save: Box::new(move |path| save(&scramble(flow(&Device::default()), 0.2), path).unwrap()),
        find: Box::new(move |path, device, inputs| {
            host(
                load(flow(device), path)
                    .unwrap()
                    .log_prob(inputs.tensor("x", device)),
            )
        }),
    }]
}

pub(super) fn nice() -> Vec<Case> {
    let config = || {
        NiceConfig::paper(3, 16)
            .with_hidden(4)
            .with_depth(1)
            .with_couplings(2)
    };
    let blog = NiceConfig::blog(3, 16)
        .with_hidden(4)
        .with_depth(1)
        .with_couplings(2);
    let inputs = || Inputs::default().with("y", &[4, 3], [0.05, 0.95]);
    vec![
        case("nice", config(), same, inputs(), |nice, device, inputs| {
            host(nice.flow.log_prob(inputs.tensor("y", device)))
        }),
        case("nice-blog", blog, same, inputs(), |nice, device, inputs| {
            host(nice.flow.log_prob(inputs.tensor("y", device)))
        }),
        case(
            "nice-f64",
            config(),
            |nice, _| cast(nice, DType::F64).unwrap(),
            inputs(),
            |nice, device, inputs| {
                let y: Tensor<2> = inputs.tensor("y", device);
                host(nice.flow.log_prob(y.cast(DType::F64)))
            },
        ),
    ]
}

pub(super) fn couplings() -> Vec<Case> {
    let small = |config: CouplingFlowConfig| config.with_hidden(vec![4]).with_couplings(2);
    let config = |name, config| {
        case(
            name,
            small(config),
            |flow, device| flow.initialize(&rows(device)).unwrap(),
            vectors(),
            |flow, device, inputs| host(flow.log_prob(inputs.tensor("x", device))),
        )
    };
    let angles = CouplingFlowConfig::circular(3);
    vec![
        config("coupling-realnvp", CouplingFlowConfig::realnvp(3)),
        config("coupling-nsf", CouplingFlowConfig::nsf(3)),
        config(
            "coupling-nsf-residual",
            CouplingFlowConfig::nsf(3).with_residual(true),
        ),
        case(
            "coupling-circular",
            small(angles),
            same,
            vectors(),
            |flow, device, inputs| host(flow.log_prob(inputs.tensor("x", device))),
        ),
        case(
            "coupling-conditional",
            small(CouplingFlowConfig::nsf(3)).with_context(2),
            |flow, device| flow.initialize(&rows(device)).unwrap(),
            given_vectors(),
            |flow, device, inputs| {
                let context = inputs.tensor("context", device);
                host(flow.given(&context).log_prob(inputs.tensor("x", device)))
            },
        ),
    ]
}

pub(super) fn autoregressive() -> Vec<Case> {
    let small = |config: AutoregressiveFlowConfig| config.with_hidden(vec![4]).with_transforms(2);
    let config = |name, config| {
        case(
            name,
            small(config),
            |flow, device| flow.initialize(&rows(device)).unwrap(),
            vectors(),
            |flow, device, inputs| host(flow.log_prob(inputs.tensor("x", device))),
        )
    };
    vec![
        config("autoregressive-maf", AutoregressiveFlowConfig::maf(3)),
        config("autoregressive-nsf", AutoregressiveFlowConfig::nsf_ar(3)),
        config("autoregressive-iaf", AutoregressiveFlowConfig::iaf(3)),
        case(
            "autoregressive-conditional",
            small(AutoregressiveFlowConfig::maf(3)).with_context(2),
            |flow, device| flow.initialize(&rows(device)).unwrap(),
            given_vectors(),
            |flow, device, inputs| {
                let context = inputs.tensor("context", device);
                host(flow.given(&context).log_prob(inputs.tensor("x", device)))
            },
        ),
    ]
}

pub(super) fn continuous() -> Vec<Case> {
    let small = |config: ContinuousFlowConfig| config.with_hidden(vec![4, 4]);
    let config = |name, config| {
        case(
            name,
            small(config),
            |flow, device| flow.initialize(&rows(device)).unwrap(),
            vectors(),
            |flow, device, inputs| host(flow.log_prob(inputs.tensor("x", device)).unwrap()),
        )
    };
    vec![
        config(
            "continuous-matching",
            ContinuousFlowConfig::flow_matching(3),
        ),
        config("continuous-ffjord", ContinuousFlowConfig::ffjord(3)),
        case(
            "continuous-conditional",
            small(ContinuousFlowConfig::flow_matching(3)).with_context(2),
            |flow, device| flow.initialize(&rows(device)).unwrap(),
            given_vectors(),
            |flow, device, inputs| {
                let context = inputs.tensor("context", device);
                host(
                    flow.given(&context)
                        .log_prob(inputs.tensor("x", device))
                        .unwrap(),
                )
            },
        ),
    ]
}
