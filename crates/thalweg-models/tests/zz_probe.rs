#![allow(warnings)]
use std::panic::{catch_unwind, AssertUnwindSafe};
use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{DType, Device, Int, Tensor};
use thalweg_device::cpu_devices;
use thalweg_flow::*;
use thalweg_flow::precision::cast;
use thalweg_models::*;
use thalweg_models::variational::*;
use thalweg_models::vib::*;

fn try_it(name: &str, f: impl FnOnce() -> String) {
    std::panic::set_hook(Box::new(|_| {}));
    let r = catch_unwind(AssertUnwindSafe(f));
    match r {
        Ok(s) => println!("OK   {name}: {s}"),
        Err(e) => {
            let m = e.downcast_ref::<String>().cloned().or(e.downcast_ref::<&str>().map(|s| s.to_string())).unwrap_or_default();
            println!("FAIL {name}: {}", m.lines().take(6).collect::<Vec<_>>().join(" | "));
        }
    }
}
fn size() -> ImageSize { ImageSize::new([1, 8, 8]).with_levels(17) }
fn nums<const D: usize>(t: Tensor<D>) -> String { format!("{:?} {:?}", t.dims(), t.into_data().iter::<f64>().take(3).collect::<Vec<_>>()) }

macro_rules! each_image_flow { ($n:ident, $ad:expr, $body:expr) => {
    let f = $body;
    f("glow", &|d: &Device| 0);
}}

#[test]
fn empty() {
    for device in cpu_devices() { for dtype in [DType::F32, DType::F64] { for ad in [false, true] {
        let dev = if ad { device.clone().autodiff() } else { device.clone() };
        let tag = format!("{device:?} {dtype:?} {}", if ad {"ad"} else {"plain"});
        let e2 = |d: usize| Tensor::<2>::zeros([0, d], (&device, dtype));
        let e4 = || Tensor::<4>::zeros([0, 1, 8, 8], (&device, dtype));
        let n = || Noise::seeded(0);
        for (name, cfg) in [("realnvp2", CouplingFlowConfig::realnvp(3)), ("nsf", CouplingFlowConfig::nsf(3))] {
            let m = cast(cfg.with_hidden(vec![8]).with_couplings(2).init(&dev), dtype).unwrap();
            try_it(&format!("{tag} {name} log_prob"), || nums(m.log_prob(e2(3))));
            try_it(&format!("{tag} {name} encode/decode"), || nums(m.decode(m.encode(e2(3)))));
            try_it(&format!("{tag} {name} sample"), || nums(m.sample(0, 1.0, &mut n())));
            if ad {
                try_it(&format!("{tag} {name} loss grad"), || { let l = m.loss(e2(3)); let v = nums(l.clone()); let g = GradientsParams::from_grads(l.backward(), &m); format!("{v} {}", g.len()) });
                try_it(&format!("{tag} {name} rev"), || { let (l, g) = m.loss_and_gradients(e2(3), &Reversible::default()); format!("{} {}", nums(l), g.len()) });
            } else { try_it(&format!("{tag} {name} loss"), || nums(m.loss(e2(3)))); }
        }
        for (name, cfg) in [("nice", NiceConfig::paper(6, 17)), ("niceblog", NiceConfig::blog(6,17))] {
            let m = cast(cfg.with_hidden(8).init(&dev), dtype).unwrap();
            try_it(&format!("{tag} {name} log_prob"), || nums(m.log_prob(e2(6), &mut n()).unwrap()));
            try_it(&format!("{tag} {name} sample"), || nums(m.sample(0, 1.0, &mut n())));
            if ad {
                try_it(&format!("{tag} {name} loss grad"), || { let l = m.loss(e2(6), &mut n()).unwrap(); let v = nums(l.clone()); let g = GradientsParams::from_grads(l.backward(), &m); format!("{v} {}", g.len()) });
                try_it(&format!("{tag} {name} rev"), || { let (l, g) = m.loss_and_gradients(e2(6), &mut n(), &Reversible::default()).unwrap(); format!("{} {}", nums(l), g.len()) });
            }
        }
        let glow = GlowConfig::openai(size()).with_scales(2).with_depth(2).with_hidden(8);
        macro_rules! image { ($name:expr, $m:expr) => {
            let m = cast($m, dtype).unwrap();
            try_it(&format!("{tag} {} log_prob", $name), || nums(m.log_prob(e4(), &mut n()).unwrap()));
            try_it(&format!("{tag} {} sample", $name), || nums(m.sample(0, 1.0, &mut n())));
            if ad {
                try_it(&format!("{tag} {} loss grad", $name), || { let l = m.loss(e4(), &mut n()).unwrap(); let v = nums(l.clone()); let g = GradientsParams::from_grads(l.backward(), &m); format!("{v} {}", g.len()) });
                try_it(&format!("{tag} {} rev", $name), || { let (l, g) = m.loss_and_gradients(e4(), &mut n(), &Reversible::default()).unwrap(); format!("{} {}", nums(l), g.len()) });
            }
            if dtype == DType::F32 && !ad {
                try_it(&format!("{tag} {} compiled", $name), || { let c = m.compile(2); format!("{:?} {:?}", c.log_prob(&[], &mut n()), c.sample(0, 1.0, &mut n())) });
            }
        }}
        image!("glow", glow.init(&dev));
        image!("glowblog", GlowConfig::blog(size()).with_scales(2).with_depth(2).with_hidden(8).init(&dev));
        image!("realnvp", RealNvpConfig::paper(size()).with_scales(2).with_hidden(8).with_blocks(1).init(&dev));
        let cg = cast(ConditionalGlowConfig::new(glow.clone(), 3).init(&dev), dtype).unwrap();
        let none = Tensor::<1, Int>::zeros([0], &device);
        let one = Tensor::<1, Int>::zeros([1], &device);
        for (w, l) in [("none", &none), ("one", &one)] {
            try_it(&format!("{tag} cglow {w} log_prob"), || nums(cg.given(l).log_prob(e4(), &mut n()).unwrap()));
            try_it(&format!("{tag} cglow {w} sample"), || nums(cg.given(l).sample(0, 1.0, &mut n())));
            if ad { try_it(&format!("{tag} cglow {w} rev"), || { let (l, g) = cg.given(l).loss_and_gradients(e4(), &mut n(), &Reversible::default()).unwrap(); format!("{} {}", nums(l), g.len()) });
            try_it(&format!("{tag} cglow {w} grad"), || { let l = cg.given(l).loss(e4(), &mut n()).unwrap(); let v = nums(l.clone()); let g = GradientsParams::from_grads(l.backward(), &cg); format!("{v} {}", g.len()) }); }
        }
        for (name, style) in [("bern", LikelihoodStyle::Bernoulli(Binarization::Dynamic)), ("gauss", LikelihoodStyle::Gaussian), ("logistic", LikelihoodStyle::DiscretizedLogistic)] {
            let m = cast(VaeConfig::new(size(), style, 3).init(&dev), dtype).unwrap();
            try_it(&format!("{tag} vae {name} elbo"), || nums(m.elbo(e2(64), &(), KlForm::MonteCarlo, &mut n()).unwrap().bound()));
            try_it(&format!("{tag} vae {name} importance"), || format!("{:?}", m.importance(e2(64), &(), 3, &mut n()).unwrap()));
            try_it(&format!("{tag} vae {name} sample"), || nums(m.sample(0, &(), 1.0, &mut n())));
            if ad { try_it(&format!("{tag} vae {name} loss grad"), || { let l = m.loss(e2(64), &(), &ElboLoss::default(), &mut n()).unwrap(); let v = nums(l.clone()); let g = GradientsParams::from_grads(l.backward(), &m); format!("{v} {}", g.len()) }); }
        }
        for (name, style) in [("scalar", fvae::FvaeStyle::Scalar), ("staged", fvae::FvaeStyle::Staged{steps: 1})] {
        let mut c = FvaeConfig::fvae_small(size()).with_stages(vec![4, 8]).with_style(style); c.flow.depth = 1; c.flow.hidden = 4; c.flow.scales=1;
        let m = cast(c.init(&dev), dtype).unwrap();
        try_it(&format!("{tag} fvae {name} bound"), || nums(m.bound(e4(), &mut n()).unwrap()));
        try_it(&format!("{tag} fvae {name} sample"), || nums(m.sample(0, 1.0, &mut n())));
        if ad { try_it(&format!("{tag} fvae {name} loss grad"), || { let l = m.loss(e4(), &mut n()).unwrap(); let v = nums(l.clone()); let g = GradientsParams::from_grads(l.backward(), &m); format!("{v} {}", g.len()) }); }
        }
        let vib = cast(VibConfig::new(4, 3).with_hidden(vec![8]).with_width(2).init(&dev), dtype).unwrap();
        try_it(&format!("{tag} vib prob"), || nums(vib.probabilities(e2(4), 2, &mut n()).unwrap()));
        try_it(&format!("{tag} vib rate"), || nums(vib.rate(e2(4)).unwrap()));
        if ad { try_it(&format!("{tag} vib loss grad"), || { let l = vib.loss(e2(4), none.clone(), &VibLoss::new(1.0), &mut n()).unwrap(); let v = nums(l.clone()); let g = GradientsParams::from_grads(l.backward(), &vib); format!("{v} {}", g.len()) }); }
    }}}
}

#[test]
fn low() {
    for device in cpu_devices() { for dtype in [DType::BF16, DType::F16] {
        let tag = format!("{device:?} {dtype:?}");
        println!("{tag} supports {}", device.supports_dtype(dtype));
        let n = || Noise::seeded(0);
        let x2 = |d: usize| n().normal::<2>([5, d], &device, DType::F32);
        let lv = || n().uniform::<4>([5,1,8,8], &device, DType::F32).mul_scalar(17.0).floor();
        let pair = |a: Tensor<1>, b: Tensor<1>| { let (a, b) = (a.into_data(), b.into_data()); format!("{:?} vs {:?} {:?}", a.iter::<f64>().collect::<Vec<_>>(), b.iter::<f64>().collect::<Vec<_>>(), b.dtype()) };
        for (name, cfg) in [("realnvp2", CouplingFlowConfig::realnvp(3)), ("nsf", CouplingFlowConfig::nsf(3))] {
            let m = thalweg_laws::scramble(cfg.with_hidden(vec![8]).with_couplings(2).init(&device), 0.2);
            try_it(&format!("{tag} {name} logp"), || { let c = cast(m.clone(), dtype).unwrap(); pair(m.log_prob(x2(3)), c.log_prob(x2(3).cast(dtype))) });
            try_it(&format!("{tag} {name} sample"), || { let c = cast(m.clone(), dtype).unwrap(); nums(c.sample(3, 1.0, &mut n())) });
        }
        macro_rules! image { ($name:expr, $m:expr) => {
            let m = thalweg_laws::scramble($m, 0.1);
            try_it(&format!("{tag} {} logp", $name), || { let c = cast(m.clone(), dtype).unwrap(); pair(m.log_prob(lv(), &mut n()).unwrap(), c.log_prob(lv().cast(dtype), &mut n()).unwrap()) });
            try_it(&format!("{tag} {} sample", $name), || { let c = cast(m.clone(), dtype).unwrap(); nums(c.sample(3, 1.0, &mut n())) });
        }}
        image!("glow", GlowConfig::openai(size()).with_scales(2).with_depth(2).with_hidden(8).init(&device));
        image!("realnvp", RealNvpConfig::paper(size()).with_scales(2).with_hidden(8).with_blocks(1).init(&device));
        let m = thalweg_laws::scramble(NiceConfig::paper(64, 17).with_hidden(8).init(&device), 0.1);
        try_it(&format!("{tag} nice logp"), || { let c = cast(m.clone(), dtype).unwrap(); pair(m.log_prob(lv().flatten(1,3), &mut n()).unwrap(), c.log_prob(lv().flatten(1,3).cast(dtype), &mut n()).unwrap()) });
        let m = VaeConfig::bernoulli(size(), 3).init(&device);
        try_it(&format!("{tag} vae"), || { let c = cast(m.clone(), dtype).unwrap(); pair(m.elbo(lv().flatten(1,3), &(), KlForm::Analytic, &mut n()).unwrap().bound(), c.elbo(lv().flatten::<2>(1,3).cast(dtype), &(), KlForm::Analytic, &mut n()).unwrap().bound()) });
        let vib = VibConfig::new(4, 3).with_hidden(vec![8]).with_width(2).init(&device);
        try_it(&format!("{tag} vib"), || { let c = cast(vib.clone(), dtype).unwrap(); pair(vib.rate(x2(4)).unwrap(), c.rate(x2(4).cast(dtype)).unwrap()) });
        let mut c = FvaeConfig::fvae_small(size()).with_stages(vec![4, 8]); c.flow.depth = 1; c.flow.hidden = 4; c.flow.scales=1;
        let m = c.init(&device);
        try_it(&format!("{tag} fvae"), || { let c = cast(m.clone(), dtype).unwrap(); pair(m.bound(lv(), &mut n()).unwrap(), c.bound(lv().cast(dtype), &mut n()).unwrap()) });
    }}
}
