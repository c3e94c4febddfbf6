import pomona.graph.*;
import pomona.onnx.*;
import pomona.prune.*;
import pomona.quantize.*;

Network dense = Onnx.read(System.getProperty("input"));
Network sparse = dense.apply(new MagnitudePruning(0.9, Scope.GLOBAL));
Network small = sparse.apply(new DynamicQuantization());
var file = Onnx.write(small, java.nio.file.Path.of(System.getProperty("output")));

System.out.println(small.nonZeros() + " of " + dense.parameters() + " weights left");
System.out.println(Onnx.read(file).provenance());
/exit
