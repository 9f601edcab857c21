"""What `compare.py` runs: for each bench its peers, and what its figures are called in the table.

A peer is called by the library that it is, as the package index spells it, and a way to use it after a dot. A bench without peers is
timed alone.
"""

FLOWS = ["torch", "torch.compile", "nflows", "normflows", "zuko", "FrEIA", "flowjax"]
SPLINES = ["nflows", "normflows", "zuko", "flowjax"]


def rows(name, title, batch=512):
    """The figures of one flow of rows of numbers."""
    return {
        f"{name} step": f"{title}: training step, batch {batch}",
        f"{name} log_prob": "… density of 10,000 points",
        f"{name} sample": "… 10,000 samples",
        f"{name} compiled log_prob 1": "… density of one point, compiled",
        f"{name} compiled sample 1": "… one sample, compiled",
    }


def matched(name, title):
    """The figures of one flow that is trained by flow matching."""
    return {
        f"{name} step": f"{title}: training step, batch 512",
        f"{name} sample rk4": "… 10,000 samples, 8 steps of order 4",
        f"{name} sample": "… 10,000 samples, tolerance 1e-5",
        f"{name} log_prob": "… density of 1,000 points, tolerance 1e-5",
    }


WORKLOADS = {
    "toy2d": (
        FLOWS,
        {
            "step": "RealNVP, 2 features: training step, batch 512",
            "log_prob": "… density of 10,000 points",
            "sample": "… 10,000 samples",
        },
    ),
    "nice": (
        ["torch", "torch.compile"],
        {
            "step": "NICE, 784 features: training step, batch 128",
            "log_prob": "… density of 128 images",
            "sample": "… 64 samples",
        },
    ),
    "glow32": (
        ["torch", "torch.channels_last", "torch.compile", "torch.compile.channels_last"],
        {
            "k8 step": "Glow 32×32, K 8, 128 hidden: training step, batch 16",
            "k8 log_prob": "… density of 16 images",
            "k8 sample": "… 16 samples",
            "k8 sample 1": "… 1 sample",
            "k8 compiled log_prob": "… density of 16 images, compiled",
            "k8 compiled sample": "… 16 samples, compiled",
            "k8 compiled sample 1": "… 1 sample, compiled",
            "k4 step": "Glow 32×32, K 4, 512 hidden: training step, batch 16",
            "k4 log_prob": "… density of 16 images",
            "k4 sample": "… 16 samples",
            "k4 sample 1": "… 1 sample",
            "k4 compiled log_prob": "… density of 16 images, compiled",
            "k4 compiled sample": "… 16 samples, compiled",
            "k4 compiled sample 1": "… 1 sample, compiled",
        },
    ),
    "tabular": (
        FLOWS,
        {
            "step": "RealNVP, 43 features: training step, batch 1024",
            "log_prob": "… density of 10,000 points",
            "sample": "… 10,000 samples",
        },
    ),
    "nsf": (
        SPLINES,
        rows("nsf6", "spline couplings, 6 features") | rows("nsf43", "spline couplings, 43 features", 1024),
    ),
    "autoregressive": (
        SPLINES,
        rows("maf6", "MAF, 6 features")
        | rows("maf43", "MAF, 43 features")
        | rows("nsf6", "autoregressive spline flow, 6 features")
        | rows("nsf43", "autoregressive spline flow, 43 features"),
    ),
    "flow_matching": (
        ["torch", "torch.compile", "zuko"],
        matched("fm2", "flow matching, 2 features") | matched("fm6", "flow matching, 6 features"),
    ),
    "shipped": (
        [],
        {
            "realnvp43 step": "`CouplingFlowConfig::realnvp(43)`: training step, batch 1024",
            "realnvp43 log_prob": "… density of 10,000 points",
            "realnvp43 sample": "… 10,000 samples",
            "nsf6 step": "`CouplingFlowConfig::nsf(6)`: training step, batch 512",
            "nsf6 log_prob": "… density of 10,000 points",
            "nsf6 sample": "… 10,000 samples",
            "glow step": "`GlowConfig::openai` 32×32, K 8, 128 hidden: training step, batch 16",
            "glow log_prob": "… density of 16 images",
            "glow sample": "… 16 samples",
            "realnvp32 step": "`RealNvpConfig::paper` 32×32: training step, batch 16",
            "realnvp32 log_prob": "… density of 16 images",
            "realnvp32 sample": "… 16 samples",
        },
    ),
    "wide": (
        ["zuko", "normflows", "nflows"],
        {"1024 step": "`CouplingFlowConfig::realnvp(1024)`: training step, batch 256"},
    ),
    "vae": (["torch", "torch.compile"], {"step": "VAE 784-512-20: training step, batch 128"}),
    "one_point": (
        FLOWS,
        {
            "log_prob": "RealNVP, 2 features: density of one point",
            "sample": "… one sample",
            "first sample": "… start of a process to its first sample",
        },
    ),
    "update": (
        ["torch.fused", "torch.foreach"],
        {
            "sgd": "1M parameters: update by gradient descent",
            "momentum": "… by momentum",
            "adam": "… by Adam",
            "small adam": "64 tensors of 426,000 parameters: update by Adam",
        },
    ),
}
