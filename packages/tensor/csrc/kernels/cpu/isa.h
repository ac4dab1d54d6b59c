// Every file of this folder, but those that CMakeLists.txt names as compiled once, is compiled once
// per instruction set, into the namespace TORCH_CPU_ISA (baseline, avx2, avx512). Its only external
// symbol is a constant table, so that loading runs none of its code; everything else lives in an
// anonymous namespace or is inlined.
#pragma once

#ifndef TORCH_CPU_ISA
#error "compile through torch_cpu_kernels() in CMakeLists.txt, which sets TORCH_CPU_ISA"
#endif
