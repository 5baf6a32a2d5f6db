"""TResNet-M in PyTorch as one would write it today: plain batch norm, in-place activations, channels-last.

The state-dict keys are those of @csl/tresnet, so that weights travel between the two. In-Place ABN's weight w acts as
|w| + 1e-5; `load` stores that value in the plain batch norm.
"""

import torch
import torch.nn.functional as F
from torch import nn

EPSILON = 1e-5


class Blur(nn.Module):
    """[1,2,1]x[1,2,1]/16 per channel, reflect padding, stride 2."""

    def __init__(self, channels):
        super().__init__()
        line = torch.tensor([1.0, 2.0, 1.0]) / 4
        kernel = (line[:, None] * line[None, :])[None, None].repeat(channels, 1, 1, 1)
        self.register_buffer("kernel", kernel, persistent=False)

    def forward(self, x):
        padded = F.pad(x, (1, 1, 1, 1), mode="reflect")
        return F.conv2d(padded, self.kernel.to(x.dtype), stride=2, groups=x.shape[1])


def conv_norm(inputs, outputs, kernel, slope, blur=False):
    norm = nn.BatchNorm2d(outputs, eps=EPSILON)
    layers = [nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False), norm]
    if slope != 1:
        layers.append(nn.LeakyReLU(slope, inplace=True))
    stack = nn.Sequential(*layers)
    return nn.Sequential(stack, Blur(outputs)) if blur else stack


class SqueezeExcite(nn.Module):
    def __init__(self, channels, reduction):
        super().__init__()
        self.fc1 = nn.Conv2d(channels, reduction, 1)
        self.fc2 = nn.Conv2d(reduction, channels, 1)

    def forward(self, x):
        pooled = x.mean((2, 3), keepdim=True)
        return x * self.fc2(F.relu(self.fc1(pooled), inplace=True)).sigmoid()


class Block(nn.Module):
    def __init__(self, kind, inputs, planes, stride, excite):
        super().__init__()
        self.kind = kind
        outputs = planes if kind == "basic" else 4 * planes
        blur = stride == 2
        if kind == "basic":
            self.conv1 = conv_norm(inputs, planes, 3, 1e-3, blur)
            self.conv2 = conv_norm(planes, planes, 3, 1)
        else:
            self.conv1 = conv_norm(inputs, planes, 1, 1e-3)
            self.conv2 = conv_norm(planes, planes, 3, 1e-3, blur)
            self.conv3 = conv_norm(planes, outputs, 1, 1)
        share = 4 if kind == "basic" else 2
        self.se = SqueezeExcite(planes, max(planes // share, 64)) if excite else nn.Identity()
        self.downsample = None
        if stride == 2 or inputs != outputs:
            pool = [nn.AvgPool2d(2, 2, ceil_mode=True, count_include_pad=False)] if stride == 2 else []
            self.downsample = nn.Sequential(*pool, conv_norm(inputs, outputs, 1, 1))

    def forward(self, x):
        residual = x if self.downsample is None else self.downsample(x)
        x = self.se(self.conv2(self.conv1(x)))
        if self.kind == "bottleneck":
            x = self.conv3(x)
        return F.relu(x + residual, inplace=True)


class TResNet(nn.Module):
    """layers, width and blocks as in @csl/tresnet's TResNetShape; the default is TResNet-M."""

    def __init__(self, classes, layers=(3, 4, 11, 3), width=1.0, blocks=("basic", "basic", "bottleneck", "bottleneck")):
        super().__init__()
        planes = int(64 * width)
        self.body = nn.Module()
        self.body.conv1 = conv_norm(48, planes, 3, 1e-2)
        inputs = planes
        for stage, (count, kind) in enumerate(zip(layers, blocks)):
            stack = []
            for index in range(count):
                stride = 2 if stage > 0 and index == 0 else 1
                block = Block(kind, inputs, planes * 2**stage, stride, stage < 3)
                inputs = planes * 2**stage * (1 if kind == "basic" else 4)
                stack.append(block)
            setattr(self.body, f"layer{stage + 1}", nn.Sequential(*stack))
        self.head = nn.Module()
        self.head.fc = nn.Linear(inputs, classes)

    def forward(self, images):
        """images [batch, 3, height, width] in [0, 1] -> logits [batch, classes]."""
        batch, channels, height, width = images.shape
        squares = images.reshape(batch, channels, height // 4, 4, width // 4, 4)
        x = squares.permute(0, 3, 5, 1, 2, 4).reshape(batch, 16 * channels, height // 4, width // 4)
        x = self.body.conv1(x.contiguous(memory_format=torch.channels_last))
        for stage in range(1, 5):
            x = getattr(self.body, f"layer{stage}")(x)
        return self.head.fc(x.mean((2, 3)))

    def load(self, state):
        """Takes {key: float32 array} with the weights of In-Place ABN."""
        own = self.state_dict()
        norms = {key.rsplit(".", 1)[0] for key in own if key.endswith("running_mean")}
        fitted = {}
        for key, value in state.items():
            tensor = torch.as_tensor(value)
            scope, _, name = key.rpartition(".")
            fitted[key] = tensor.abs() + EPSILON if name == "weight" and scope in norms else tensor
        missing = self.load_state_dict(fitted, strict=False)
        left = [key for key in missing.missing_keys if not key.endswith("num_batches_tracked")]
        if left or missing.unexpected_keys:
            raise ValueError(f"tresnet.py: expected the model's own keys, missing {left}, unknown {missing.unexpected_keys}")


def fold(model):
    """The model for inference with every batch norm folded into its convolution."""
    model = model.eval()
    for module in model.modules():
        if not isinstance(module, nn.Sequential):
            continue
        parts = list(module.children())
        if len(parts) >= 2 and isinstance(parts[0], nn.Conv2d) and isinstance(parts[1], nn.BatchNorm2d):
            module[0] = torch.nn.utils.fuse_conv_bn_eval(parts[0], parts[1])
            module[1] = nn.Identity()
    return model
