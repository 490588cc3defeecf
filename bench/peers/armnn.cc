/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench-armnn NAME MODEL BACKENDS: what one inference costs Arm NN, with one
 * thread, on its backend CpuAcc. BACKENDS is the folder of its backends.
 */
#include <armnn/ArmNN.hpp>
#include <armnnTfLiteParser/ITfLiteParser.hpp>
#include <algorithm>
#include <vector>

#include "bench/bench.h"

namespace
{
const unsigned char fill = 0x3c; /* as in bench/network.c */
const int warm = 3;
const int rounds = 5;

armnn::IOptimizedNetworkPtr optimize(const armnn::INetwork &network,
				     const armnn::IRuntime &runtime)
{
	const armnn::BackendOptions backend(
		"CpuAcc",
		{ { "NumberOfThreads", 1u }, { "FastMathEnabled", true } });
	armnn::OptimizerOptionsOpaque options;

	options.AddModelOption(backend);
	return armnn::Optimize(network, { armnn::Compute::CpuAcc },
			       runtime.GetDeviceSpec(), options);
}
}

int main(int argc, char **argv)
try {
	armnn::IRuntime::CreationOptions options;
	armnn::NetworkId id = 0;
	double least = 0;

	if (argc != 4) {
		fprintf(stderr, "usage: bench-armnn NAME MODEL BACKENDS\n");
		return 2;
	}
	options.m_DynamicBackendsPath = argv[3];
	const auto parser = armnnTfLiteParser::ITfLiteParser::Create();
	const auto network = parser->CreateNetworkFromBinaryFile(argv[2]);
	const auto runtime = armnn::IRuntime::Create(options);

	if (runtime->LoadNetwork(id, optimize(*network, *runtime)) !=
	    armnn::Status::Success) {
		fprintf(stderr, "bench-armnn: Arm NN loads no %s\n", argv[2]);
		return 1;
	}

	auto in = parser->GetNetworkInputBindingInfo(
		0, parser->GetSubgraphInputTensorNames(0).at(0));
	const auto out = parser->GetNetworkOutputBindingInfo(
		0, parser->GetSubgraphOutputTensorNames(0).at(0));
	const std::vector<unsigned char> input(in.second.GetNumBytes(), fill);
	std::vector<unsigned char> output(out.second.GetNumBytes());

	in.second.SetConstant(true);
	for (int i = 0; i < warm + rounds; i++) {
		const double start = bench_now();

		runtime->EnqueueWorkload(
			id,
			{ { in.first, armnn::ConstTensor(in.second,
							 input.data()) } },
			{ { out.first,
			    armnn::Tensor(out.second, output.data()) } });

		const double taken = bench_now() - start;

		least = i <= warm ? taken : std::min(least, taken);
	}
	bench_print(argv[1], least);
	return 0;
} catch (const std::exception &e) {
	fprintf(stderr, "bench-armnn: %s\n", e.what());
	return 1;
}
