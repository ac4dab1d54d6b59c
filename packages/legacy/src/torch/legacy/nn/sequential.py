"""Modules in a row."""

from typing import Any

from torch.legacy.nn.container import Container


class Sequential(Container):
    """Gives the output of each module to the next."""

    def updateOutput(self, input: Any) -> Any:
        for module in self.modules:
            input = module.updateOutput(input)
        self.output = input
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        for module, its_input in self._backwards(input):
            gradOutput = module.updateGradInput(its_input, gradOutput)
        self.gradInput = gradOutput
        return self.gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float = 1) -> None:
        for module, its_input in self._backwards(input):
            module.accGradParameters(its_input, gradOutput, scale)
            gradOutput = module.gradInput

    def accUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        for module, its_input in self._backwards(input):
            module.accUpdateGradParameters(its_input, gradOutput, lr)
            gradOutput = module.gradInput

    def backward(self, input: Any, gradOutput: Any, scale: float = 1) -> Any:
        # One way back for both kinds of gradient: modules may do them together.
        for module, its_input in self._backwards(input):
            gradOutput = module.backward(its_input, gradOutput, scale)
        self.gradInput = gradOutput
        return self.gradInput

    def backwardUpdate(self, input: Any, gradOutput: Any, lr: float) -> Any:
        for module, its_input in self._backwards(input):
            gradOutput = module.backwardUpdate(its_input, gradOutput, lr)
        self.gradInput = gradOutput
        return self.gradInput

    def _backwards(self, input: Any) -> list[tuple[Any, Any]]:
        """The modules from the last to the first, each with the input it had."""
        inputs = [input] + [module.output for module in self.modules[:-1]]
        return list(zip(self.modules, inputs))[::-1]  # noqa: B905 -- no module: one input too many

    def __repr__(self) -> str:
        steps = " -> ".join(["input", *(f"({i})" for i in range(self.size())), "output"])
        lines = [f"nn.Sequential {{\n  [{steps}]"]
        for i, module in enumerate(self.modules):
            lines.append(f"  ({i}): " + repr(module).replace("\n", "\n  "))
        return "\n".join([*lines, "}"])
