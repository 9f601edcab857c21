"""Models of thalweg in plain PyTorch, from their files: what docs/weights.md says, as a program.

    python benches/convert/rebuild.py model.safetensors numbers.safetensors

`numbers.safetensors` holds `x` and `log_prob`; the file beside a model of `crates/thalweg-models/tests/fixtures/format-1`
will do too. It prints the largest difference of a log-density. Versions: Python 3.11, torch 2.15.0, safetensors 0.8.0,
numpy 2.4.6.
"""

import json
import math
import sys

import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch.nn import functional as F


def activation(config):
    known = {
        "Relu": torch.relu,
        "Tanh": torch.tanh,
        "Silu": F.silu,
        "LeakyRelu": lambda x: F.leaky_relu(x, 0.1),
        "Elu": F.elu,
        "Gelu": F.gelu,
    }
    return known[config] if isinstance(config, str) else lambda x: F.leaky_relu(x, config["LeakySlope"])


class File:
    """The weights below a path; `y = x W + b` with `W [inputs, outputs]`."""

    def __init__(self, tensors, path=""):
        self.tensors, self.path = tensors, path

    def at(self, name):
        return File(self.tensors, f"{self.path}{name}.")

    def __getitem__(self, name):
        return self.tensors[self.path + name]

    def has(self, name):
        return any(key.startswith(self.path + name) for key in self.tensors)

    def linear(self, x, mask=None):
        weight = self["weight"] if mask is None else self["weight"] * mask
        return x @ weight + self["bias"]


def network(file, config, x):
    a = activation(config["activation"])
    if config["residual"]:
        h = file.at("input").linear(x)
        for block in range(len(config["hidden"])):
            at = file.at(f"blocks.{block}")
            h = h + at.at("second").linear(a(at.at("first").linear(a(h))))
        return file.at("output").linear(h)
    for layer in range(len(config["hidden"])):
        x = a(file.at(f"layers.{layer}").linear(x))
    return file.at(f"layers.{len(config['hidden'])}").linear(x)


def masked(file, config, parameters, x):
    """A hidden unit of degree m sees those of degree m and less, and its degree is a number of features."""
    order, a = config["order"], activation(config["activation"])
    place = {feature: at for at, feature in enumerate(order)}
    levels = [[place[f] + 1 for f in range(len(order))], *config["degrees"], [place[f] for f in range(len(order))] * parameters]
    levels = [torch.tensor(level) for level in levels]
    masks = [(before[:, None] <= after[None, :]).to(x.dtype) for before, after in zip(levels, levels[1:])]
    layer = lambda index, x: file.at(f"layers.{index}").linear(x, masks[index])
    last = len(masks) - 1
    h = layer(0, x)
    if config["residual"]:
        for index in range(1, last, 2):
            h = h + layer(index + 1, a(layer(index, a(h))))
        return layer(last, h)
    for index in range(1, last + 1):
        h = layer(index, a(h))
    return h


def log_scale(config, r):
    name, values = (config, {}) if isinstance(config, str) else next(iter(config.items()))
    match name:
        case "Exp":
            return r
        case "SoftBounded":
            return r / (1 + r.abs() / values)
        case "Sigmoid":
            return F.logsigmoid(r + values["shift"])
        case "InverseSigmoid":
            return -F.logsigmoid(r + values["shift"])
        case "FlooredSigmoid":
            return torch.log(torch.sigmoid(r + values["shift"]) + values["floor"])
        case "FlooredSoftplus":
            return torch.log(F.softplus(r) + values["floor"])


def transform(config, x, p):
    """The transformed numbers and the log-determinant; the parameters are one block each, all features in it."""
    rows, features = x.shape
    p = p.reshape(rows, -1, features).transpose(1, 2)
    name, values = (config, {}) if isinstance(config, str) else next(iter(config.items()))
    if name == "Additive":
        return x + p[..., 0], torch.zeros(rows, dtype=x.dtype)
    if name == "Affine":
        s = log_scale(values["scale"], p[..., 1])
        return x * s.exp() + p[..., 0], s.sum(1)
    return spline(values, x, p)


def spline(config, x, p):
    bins, bound, least = config["bins"], config["bound"], config.get("least_slope")
    raw_w, raw_h, raw_d = p.split([bins, bins, bins - 1], dim=-1)
    if least is None:
        m = {"width": 1e-3, "height": 1e-3, "slope": 1e-3} | (config.get("least") or {})
        shares = lambda raw, m: m + (1 - m * bins) * F.softmax(raw, -1)
        widths, heights = shares(raw_w, m["width"]), shares(raw_h, m["height"])
        slopes = m["slope"] + F.softplus(raw_d + math.log(math.exp(1 - m["slope"]) - 1))
    else:
        b = abs(math.log(least))
        shares = lambda raw: F.softmax(raw / (1 + raw.abs() / (b / 2)), -1)
        widths, heights = shares(raw_w), shares(raw_h)
        slopes = torch.exp(raw_d / (1 + raw_d.abs() / b))
    slopes = F.pad(slopes, (1, 1), value=1.0)
    edges = lambda shares: F.pad(2 * bound * shares.cumsum(-1), (1, 0)) - bound
    xs, ys = edges(widths), edges(heights)
    inside = x.abs() <= bound
    at = x.clamp(-bound, bound)
    bin = (xs[..., 1:-1] <= at[..., None]).sum(-1, keepdim=True)
    pick = lambda knots, bin: knots.gather(-1, bin)[..., 0]
    x0, x1, y0, y1 = pick(xs, bin), pick(xs, bin + 1), pick(ys, bin), pick(ys, bin + 1)
    d0, d1 = pick(slopes, bin), pick(slopes, bin + 1)
    s, xi = (y1 - y0) / (x1 - x0), (at - x0) / (x1 - x0)
    mixed = xi * (1 - xi)
    q = s + (d0 + d1 - 2 * s) * mixed
    y = y0 + (y1 - y0) * (s * xi**2 + d0 * mixed) / q
    slope = s**2 * (d1 * xi**2 + 2 * s * mixed + d0 * (1 - xi) ** 2) / q**2
    return torch.where(inside, y, x), torch.where(inside, slope.log(), 0.0).sum(1)


def matrix(file, x):
    """`z = W x`, by the triangular factors `P L (U + diag(σ eˢ))`."""
    lower = file["lower"].tril(-1) + torch.eye(x.shape[1], dtype=x.dtype)
    upper = file["upper"].triu(1) + torch.diag(file["sign"] * file["log_diagonal"].exp())
    weight = (lower @ upper)[file["order"]]
    return x @ weight.T, file["log_diagonal"].sum().expand(len(x))


def layer(file, config, x):
    """A layer from data to latents."""
    name, values = (config, {}) if isinstance(config, str) else next(iter(config.items()))
    match name:
        case "Permutation":
            return x[:, values["order"]], torch.zeros(len(x), dtype=x.dtype)
        case "ActNorm":
            s = file["log_scale"]
            return (x - file["mean"]) * s.exp(), s.sum().expand(len(x))
        case "Affine":
            s = file["log_scale"]
            return x * s.exp() + file["shift"], s.sum().expand(len(x))
        case "Linear":
            return matrix(file.at("form"), x)
        case "Matrix":
            weight = file["form.weight"]
            return x @ weight.T, torch.linalg.slogdet(weight)[1].expand(len(x))
        case "Coupling":
            kept, rest = x[:, : values["kept"]], x[:, values["kept"] :]
            kind = "Residual" if values["network"]["residual"] else "Plain"
            p = network(file.at(f"conditioner.{kind}"), values["network"], kept)
            z, log_det = transform(values["transformer"], rest, p)
            return torch.cat([kept, z], 1), log_det
        case "Autoregressive":
            t = values["transformer"]
            outputs = {"Additive": 1, "Affine": 2}.get(t if isinstance(t, str) else next(iter(t)))
            parameters = outputs or 3 * t["Spline"]["bins"] - 1
            return transform(t, x, masked(file.at("network"), values["network"], parameters, x))
    raise NotImplementedError(f"the layer {name} is not in this script")


def standardize(file, x):
    return (x - file["mean"]) * file["log_deviation"].neg().exp(), -file["log_deviation"].sum()


def composed(file, config, x):
    x, total = standardize(file.at("standardize"), x)
    for index, each in enumerate(config["layers"]):
        name = each if isinstance(each, str) else next(iter(each))
        x, log_det = layer(file.at(f"layers.{index}.{name}"), each, x)
        total = total + log_det
    return x, total


def coupling_flow(file, config, x):
    """`CouplingFlow`: a map by its factors and a coupling a step, whose halves are exchanged in every other one."""
    style = config["style"]
    kinds = {"Additive": "Additive", "Affine": {"Affine": {"scale": {"SoftBounded": 4.0}}},
             "SigmoidShift": {"Affine": {"scale": {"Sigmoid": {"shift": 2.0}}}}}
    t = kinds[style] if isinstance(style, str) else {"Spline": style["Spline"]}
    x, total = standardize(file.at("standardize"), x)
    half = config["features"] // 2
    for index in range(config["couplings"]):
        step = file.at(f"steps.{index}")
        x, mix = matrix(step.at("mix").at("form"), x)
        first, second = x[:, :half], x[:, half:]
        kept, rest = (first, second) if index % 2 == 0 else (second, first)
        name = "Residual" if config["residual"] else "Numbers"
        p = network(step.at(f"coupling.conditioner.{name}"), config, kept)
        rest, log_det = transform(t, rest, p)
        x = torch.cat([kept, rest] if index % 2 == 0 else [rest, kept], 1)
        total = total + mix + log_det
    return x, total


def log_prob(path, x):
    with safe_open(path, "pt") as file:
        about = file.metadata()
    kind, config = about["thalweg.model"], json.loads(about["thalweg.config"])
    tensors = {name: t.to(x.dtype) if t.is_floating_point() else t for name, t in load_file(path).items()}
    build = {"composed flow": composed, "coupling flow": coupling_flow}[kind]
    z, log_det = build(File(tensors, "flow.bijection."), config, x)
    return log_det - 0.5 * (z**2 + math.log(2 * math.pi)).sum(1)


def numbers(path):
    """`x` and the log-densities that the model gave."""
    if not path.endswith(".json"):
        tensors = load_file(path)
        return tensors["x"].double(), tensors["log_prob"].double()
    with open(path) as file:
        stored = json.load(file)
    x = stored["inputs"]["x"]
    return torch.tensor(x["numbers"]).double().reshape(x["shape"]), torch.tensor(stored["found"]).double()


if __name__ == "__main__":
    x, expected = numbers(sys.argv[2])
    found = log_prob(sys.argv[1], x)
    print(f"largest difference of {len(found)} log-densities: {(found - expected).abs().max():.1e} nats")
