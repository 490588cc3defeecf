// SPDX-License-Identifier: Apache-2.0
//
// oneDNN: inner products, their weights in whatever order it likes best, bias
// and ReLU in the same pass. Its C++ interface, since that of C is not the same
// in versions 2 and 3.
#include "native.h"

#include <oneapi/dnnl/dnnl.hpp>
#include <cstring>
#include <unordered_map>
#include <vector>

using namespace dnnl;
using tag = memory::format_tag;

namespace {

struct network {
	engine cpu{engine::kind::cpu, 0};
	stream queue{cpu};
	std::vector<primitive> steps;
	std::vector<std::unordered_map<int, memory>> args;
	memory in, out;
};

memory::desc desc(memory::dims dims, tag order)
{
	return memory::desc(dims, memory::data_type::f32, order);
}

inner_product_forward::primitive_desc
choose(const engine &cpu, const memory::desc &x, const memory::desc &w,
       const memory::desc &b, const memory::desc &y, const primitive_attr &attr)
{
	const auto kind = prop_kind::forward_inference;
#if DNNL_VERSION_MAJOR >= 3
	return {cpu, kind, x, w, b, y, attr};
#else
	return {{kind, x, w, b, y}, attr, cpu};
#endif
}

primitive_attr with_relu(bool relu)
{
	primitive_attr attr;
	post_ops ops;

#if DNNL_VERSION_MAJOR >= 3
	if (relu)
		ops.append_eltwise(algorithm::eltwise_relu, 0, 0);
#else
	if (relu)
		ops.append_eltwise(1, algorithm::eltwise_relu, 0, 0);
#endif
	attr.set_post_ops(ops);
	return attr;
}

memory filled(const engine &cpu, const memory::desc &d, const float *values)
{
	memory m(d, cpu);

	std::memcpy(m.get_data_handle(), values, d.get_size());
	return m;
}

// A layer after those that are there; params: weight (in, out), bias (out).
void add(network &net, const nn_layer &layer, const float *params, long n)
{
	const long in = layer.in;
	const long out = layer.out;
	auto pd = choose(net.cpu, net.out.get_desc(),
			 desc({out, in}, tag::any), desc({out}, tag::x),
			 desc({n, out}, tag::nc), with_relu(layer.relu));
	memory plain = filled(net.cpu, desc({out, in}, tag::io), params);
	memory w(pd.weights_desc(), net.cpu);
	memory y(pd.dst_desc(), net.cpu);

	reorder(plain, w).execute(net.queue, plain, w);
	net.steps.push_back(inner_product_forward(pd));
	net.args.push_back({{DNNL_ARG_SRC, net.out},
			    {DNNL_ARG_WEIGHTS, w},
			    {DNNL_ARG_BIAS, filled(net.cpu, desc({out}, tag::x),
						   params + in * out)},
			    {DNNL_ARG_DST, y}});
	net.out = y;
}

} // namespace

void *native_dnnl(const nn_arch *arch, const float *params, size_t n)
{
	auto *net = new network;

	net->in = memory(desc({(long)n, (long)nn_inputs(arch)}, tag::nc),
			 net->cpu);
	net->out = net->in;
	for (uint32_t l = 0; l < arch->layer_count; l++) {
		const nn_layer &layer = arch->layers[l];

		add(*net, layer, params, (long)n);
		params += ((size_t)layer.in + 1) * layer.out;
	}
	net->queue.wait();
	return net;
}

void native_dnnl_run(void *network_, const float *x, float *y)
{
	auto *net = static_cast<network *>(network_);

	std::memcpy(net->in.get_data_handle(), x, net->in.get_desc().get_size());
	for (size_t i = 0; i < net->steps.size(); i++)
		net->steps[i].execute(net->queue, net->args[i]);
	net->queue.wait();
	std::memcpy(y, net->out.get_data_handle(),
		    net->out.get_desc().get_size());
}
