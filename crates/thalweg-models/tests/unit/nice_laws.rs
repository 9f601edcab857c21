//! The laws of bijections, for the maps of both NICEs.

use crate::common::levels;
use burn::tensor::Device;
use thalweg_device::cpu_devices;
use thalweg_flow::Noise;
use thalweg_laws::{bijection_laws, normal, uniform};
use thalweg_models::NiceConfig;
use thalweg_models::nice::NiceBijection;

bijection_laws! {
    devices: cpu_devices();
    paper_even: |device| paper(6).init(device).flow.bijection, data: normal([4, 6]);
    paper_odd: |device| paper(7).init(device).flow.bijection, data: normal([4, 7]);
    paper_two_features: |device| paper(2).init(device).flow.bijection, data: normal([4, 2]);
    paper_three_couplings: |device| paper(5).with_couplings(3).init(device).flow.bijection,
        data: normal([4, 5]);
    paper_fitted_to_data: |device| fitted(paper(6), device), data: uniform([4, 6], 0.0, 1.0);
    blog_even: |device| blog(6).init(device).flow.bijection, data: normal([4, 6]);
    blog_odd: |device| blog(7).init(device).flow.bijection, data: normal([4, 7]);
    blog_fitted_to_data: |device| fitted(blog(6), device), data: uniform([4, 6], 0.0, 1.0);
}

fn paper(features: usize) -> NiceConfig {
    NiceConfig::paper(features, 256).with_hidden(8)
}

fn blog(features: usize) -> NiceConfig {
    // Shallow: five layers of eight ReLUs, one more behind them, may all be dead for four rows.
    NiceConfig::blog(features, 256).with_hidden(8).with_depth(2)
}

fn fitted(config: NiceConfig, device: &Device) -> NiceBijection {
    let data = levels([50, config.features], 256, 3, device);
    let nice = config.init(device).initialize(data, &mut Noise::seeded(4));
    nice.unwrap().flow.bijection
}
